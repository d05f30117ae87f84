#include "director/core/state_name.h"

#include <array>

#include "director/core/sctp_state.h"
#include "director/core/tcp_state.h"

namespace lvs::director {

namespace {

// In the order of TcpState.
constexpr std::array<std::string_view, kTcpStates> kTcpNames{
    "NONE",  "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT", "TIME_WAIT",
    "CLOSE", "CLOSE_WAIT",  "LAST_ACK", "LISTEN",   "SYNACK"};

// In the order of SctpState.
constexpr std::array<std::string_view, kSctpStates> kSctpNames{
    "NONE",     "INIT1",       "INIT",   "C-SENT",     "C-REPLIED",  "C-WAIT",   "COOKIE",
    "C-ECHOED", "ESTABLISHED", "S-SENT", "S-RECEIVED", "S-ACK-SENT", "REJECTED", "CLOSED"};

}  // namespace

std::string_view state_name(Protocol protocol, std::uint8_t state) {
  if (protocol == Protocol::Udp) return "UDP";
  if (protocol == Protocol::Sctp) return state < kSctpNames.size() ? kSctpNames[state] : "NONE";
  return state < kTcpNames.size() ? kTcpNames[state] : "NONE";
}

std::string_view template_state_name(std::uint8_t connection_flags) {
  return (connection_flags & connection_flag::kAssured) != 0 ? "ASSURED" : "NONE";
}

}  // namespace lvs::director
