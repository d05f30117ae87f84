#include "director/core/state_name.h"

#include <array>

#include "director/core/tcp_state.h"

namespace lvs::director {

namespace {

// In the order of TcpState.
constexpr std::array<std::string_view, kTcpStates> kTcpNames{
    "NONE",  "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT", "TIME_WAIT",
    "CLOSE", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "SYNACK"};

}  // namespace

std::string_view state_name(Protocol protocol, std::uint8_t state) {
  if (protocol == Protocol::Udp) return "UDP";
  return state < kTcpNames.size() ? kTcpNames[state] : "NONE";
}

}  // namespace lvs::director
