#include "tests/support/ipvs_model/states.h"

#include <array>
#include <map>
#include <sstream>
#include <string_view>
#include <tuple>
#include <vector>

#include "net/wire/transport.h"

namespace lvs::test {
namespace {

// Facts 2.6, as they are written there.
constexpr std::string_view kTcpTable = R"(
-          NONE   EST     SYN_S SYN_R  FIN_W  TIME_W CLOSE CLOSE_W LAST_A LISTEN SYNACK
IN-syn     SYN_R  EST     EST   SYN_R  SYN_R  SYN_R  SYN_R SYN_R   SYN_R  SYN_R  SYN_R
IN-fin     CLOSE  CLOSE_W SYN_S TIME_W TIME_W TIME_W CLOSE CLOSE_W LAST_A LISTEN TIME_W
IN-ack     EST    EST     SYN_S EST    FIN_W  TIME_W CLOSE CLOSE_W CLOSE  LISTEN EST
IN-rst     CLOSE  CLOSE   CLOSE SYN_R  CLOSE  CLOSE  CLOSE CLOSE   LAST_A LISTEN SYN_R
OUT-syn    SYN_S  EST     SYN_S SYN_R  SYN_S  SYN_S  SYN_S SYN_S   SYN_S  LISTEN SYN_R
OUT-fin    TIME_W FIN_W   SYN_S TIME_W FIN_W  TIME_W CLOSE TIME_W  LAST_A LISTEN TIME_W
OUT-ack    EST    EST     SYN_S EST    FIN_W  TIME_W CLOSE CLOSE_W LAST_A EST    EST
OUT-rst    CLOSE  CLOSE   SYN_S CLOSE  CLOSE  TIME_W CLOSE CLOSE   CLOSE  CLOSE  CLOSE
INONLY-syn SYN_R  EST     EST   SYN_R  SYN_R  SYN_R  SYN_R SYN_R   SYN_R  SYN_R  SYN_R
INONLY-fin CLOSE  FIN_W   SYN_S TIME_W FIN_W  TIME_W CLOSE CLOSE_W LAST_A LISTEN TIME_W
INONLY-ack EST    EST     SYN_S EST    FIN_W  TIME_W CLOSE CLOSE_W CLOSE  LISTEN EST
INONLY-rst CLOSE  CLOSE   CLOSE SYN_R  CLOSE  CLOSE  CLOSE CLOSE   LAST_A LISTEN CLOSE
)";

const std::map<std::string, std::string>& full_names() {
  static const std::map<std::string, std::string> kNames{
      {"NONE", "NONE"},      {"EST", "ESTABLISHED"},    {"SYN_S", "SYN_SENT"},
      {"SYN_R", "SYN_RECV"}, {"FIN_W", "FIN_WAIT"},     {"TIME_W", "TIME_WAIT"},
      {"CLOSE", "CLOSE"},    {"CLOSE_W", "CLOSE_WAIT"}, {"LAST_A", "LAST_ACK"},
      {"LISTEN", "LISTEN"},  {"SYNACK", "SYNACK"},
  };
  return kNames;
}

using Table = std::map<std::pair<std::string, std::string>, std::string>;

/// (row, state) → next state.
const Table& tcp_table() {
  static const Table kTable = [] {
    Table table;
    std::istringstream text{std::string(kTcpTable)};
    std::vector<std::string> states;
    for (std::string line; std::getline(text, line);) {
      std::istringstream words(line);
      std::string row;
      if (!(words >> row)) continue;
      std::size_t column = 0;
      for (std::string word; words >> word; ++column) {
        if (row == "-") states.push_back(full_names().at(word));
        if (row != "-") table[{row, states.at(column)}] = full_names().at(word);
      }
    }
    return table;
  }();
  return kTable;
}

std::string tcp_state(const ModelPacket& packet, Direction direction, const std::string& state) {
  using namespace wire::tcp_flag;
  std::string event;
  if ((packet.tcp_flags & kAck) != 0) event = "ack";
  if ((packet.tcp_flags & kFin) != 0) event = "fin";
  if ((packet.tcp_flags & kSyn) != 0) event = "syn";
  if ((packet.tcp_flags & kRst) != 0) event = "rst";
  if (event.empty()) return "CLOSE";
  static const std::map<Direction, std::string> kRows{
      {Direction::Input, "IN-"}, {Direction::Output, "OUT-"}, {Direction::InputOnly, "INONLY-"}};
  return tcp_table().at({kRows.at(direction) + event, state});
}

// RFC 9260, 3.2: the types of chunks.
enum Chunk : std::uint8_t {
  kData = 0,
  kInit = 1,
  kInitAck = 2,
  kAbort = 6,
  kShutdown = 7,
  kShutdownAck = 8,
  kCookieEcho = 10,
  kCookieAck = 11,
  kShutdownComplete = 14,
};

/// The usual path of facts 2.6; the rest of the table is not in the facts.
std::optional<std::string> sctp_state(const ModelPacket& packet, Direction direction,
                                      const std::string& state) {
  using Step = std::tuple<Direction, std::uint8_t, std::string>;
  static const std::map<Step, std::string> kPath{
      {{Direction::Input, kInit, "NONE"}, "INIT1"},
      {{Direction::InputOnly, kInit, "NONE"}, "INIT1"},
      {{Direction::Output, kInitAck, "INIT1"}, "C-SENT"},
      {{Direction::Input, kCookieEcho, "C-SENT"}, "C-REPLIED"},
      {{Direction::Output, kCookieAck, "C-REPLIED"}, "ESTABLISHED"},
      {{Direction::Input, kData, "ESTABLISHED"}, "ESTABLISHED"},
      {{Direction::Output, kData, "ESTABLISHED"}, "ESTABLISHED"},
      {{Direction::Input, kShutdown, "ESTABLISHED"}, "S-RECEIVED"},
      {{Direction::Output, kShutdownAck, "S-RECEIVED"}, "S-ACK-SENT"},
      {{Direction::Input, kShutdownComplete, "S-ACK-SENT"}, "CLOSED"},
      {{Direction::Output, kAbort, "INIT1"}, "REJECTED"},
  };
  if (packet.sctp_chunk == kAbort && direction != Direction::Output) return "CLOSED";
  const auto found = kPath.find({direction, packet.sctp_chunk, state});
  if (found == kPath.end()) return std::nullopt;
  return found->second;
}

}  // namespace

std::optional<std::string> next_state(const ModelPacket& packet, Direction direction,
                                      const std::string& state) {
  if (packet.protocol == Protocol::Tcp) return tcp_state(packet, direction, state);
  if (packet.protocol == Protocol::Udp) return "UDP";
  return sctp_state(packet, direction, state);
}

std::uint32_t timeout_seconds(Protocol protocol, const std::string& state,
                              const director::ServiceConfig& service) {
  if (protocol == Protocol::Udp) return service.udp_timeout_s;
  if (protocol == Protocol::Sctp) {
    static const std::map<std::string, std::uint32_t> kSctp{
        {"NONE", 2}, {"INIT1", 4}, {"REJECTED", 4}, {"ESTABLISHED", 900}};
    return kSctp.contains(state) ? kSctp.at(state) : 61;
  }
  if (state == "ESTABLISHED") return service.tcp_timeout_s;
  if (state == "FIN_WAIT") return service.tcp_fin_timeout_s;
  static const std::map<std::string, std::uint32_t> kTcp{
      {"NONE", 2},        {"SYN_SENT", 120}, {"SYN_RECV", 60}, {"TIME_WAIT", 120}, {"CLOSE", 10},
      {"CLOSE_WAIT", 60}, {"LAST_ACK", 30},  {"LISTEN", 120},  {"SYNACK", 120}};
  return kTcp.at(state);
}

bool is_active(Protocol protocol, const std::string& state) {
  if (protocol == Protocol::Udp) return false;
  if (protocol == Protocol::Sctp) return state == "ESTABLISHED";
  return state == "ESTABLISHED" || state == "SYN_SENT" || state == "SYN_RECV" || state == "SYNACK";
}

}  // namespace lvs::test
