#include "director/core/tcp_state.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "director/core/state_name.h"

namespace lvs::director {
namespace {

// The table as it is written down (facts of IPVS, 2.6), parsed here, so that a slip in the
// constexpr tables does not repeat itself in the test.
constexpr const char* kWritten = R"(
IN syn SYN_R EST EST SYN_R SYN_R SYN_R SYN_R SYN_R SYN_R SYN_R SYN_R
IN fin CLOSE CLOSE_W SYN_S TIME_W TIME_W TIME_W CLOSE CLOSE_W LAST_A LISTEN TIME_W
IN ack EST EST SYN_S EST FIN_W TIME_W CLOSE CLOSE_W CLOSE LISTEN EST
IN rst CLOSE CLOSE CLOSE SYN_R CLOSE CLOSE CLOSE CLOSE LAST_A LISTEN SYN_R
OUT syn SYN_S EST SYN_S SYN_R SYN_S SYN_S SYN_S SYN_S SYN_S LISTEN SYN_R
OUT fin TIME_W FIN_W SYN_S TIME_W FIN_W TIME_W CLOSE TIME_W LAST_A LISTEN TIME_W
OUT ack EST EST SYN_S EST FIN_W TIME_W CLOSE CLOSE_W LAST_A EST EST
OUT rst CLOSE CLOSE SYN_S CLOSE CLOSE TIME_W CLOSE CLOSE CLOSE CLOSE CLOSE
INONLY syn SYN_R EST EST SYN_R SYN_R SYN_R SYN_R SYN_R SYN_R SYN_R SYN_R
INONLY fin CLOSE FIN_W SYN_S TIME_W FIN_W TIME_W CLOSE CLOSE_W LAST_A LISTEN TIME_W
INONLY ack EST EST SYN_S EST FIN_W TIME_W CLOSE CLOSE_W CLOSE LISTEN EST
INONLY rst CLOSE CLOSE CLOSE SYN_R CLOSE CLOSE CLOSE CLOSE LAST_A LISTEN CLOSE
)";

const std::map<std::string, TcpDirection> kDirections{{"IN", TcpDirection::Input},
                                                      {"OUT", TcpDirection::Output},
                                                      {"INONLY", TcpDirection::InputOnly}};
const std::map<std::string, TcpEvent> kEvents{
    {"syn", TcpEvent::Syn}, {"fin", TcpEvent::Fin}, {"ack", TcpEvent::Ack}, {"rst", TcpEvent::Rst}};
const std::map<std::string, TcpState> kStates{
    {"EST", TcpState::Established},   {"SYN_S", TcpState::SynSent},   {"SYN_R", TcpState::SynRecv},
    {"FIN_W", TcpState::FinWait},     {"TIME_W", TcpState::TimeWait}, {"CLOSE", TcpState::Close},
    {"CLOSE_W", TcpState::CloseWait}, {"LAST_A", TcpState::LastAck},  {"LISTEN", TcpState::Listen},
    {"SYNACK", TcpState::SynAck}};

/// Written rows by direction and event.
using Rows = std::map<std::pair<std::string, std::string>, std::vector<TcpState>>;
Rows read(const char* written) {
  Rows rows;
  std::istringstream in(written);
  std::string direction, event, state;
  while (in >> direction >> event)
    for (std::size_t i = 0; i < kTcpStates && in >> state; ++i)
      rows[{direction, event}].push_back(kStates.at(state));
  return rows;
}

void expect_rows(const Rows& rows, bool secure_tcp) {
  ASSERT_EQ(rows.size(), 12u);
  for (const auto& [of, row] : rows)
    for (std::uint8_t from = 0; from < kTcpStates; ++from)
      EXPECT_EQ(next_tcp_state(kDirections.at(of.first), TcpState{from}, kEvents.at(of.second),
                               secure_tcp),
                row.at(from))
          << of.first << ' ' << of.second << " from " << state_name(Protocol::Tcp, from);
}

TEST(TcpState, FollowsTheWrittenTables) { expect_rows(read(kWritten), false); }

// Facts of IPVS, 2.6, "secure_tcp active"; the rows that differ are written out as kernel 6.1 has
// them, all others are the usual ones.
constexpr const char* kSecureWritten = R"(
IN syn SYN_R EST EST SYN_R SYN_R SYN_R SYN_R SYN_R SYN_R SYN_R SYNACK
IN fin CLOSE CLOSE_W SYN_S TIME_W TIME_W TIME_W CLOSE CLOSE_W LAST_A LISTEN SYNACK
IN ack EST EST SYN_S SYN_R FIN_W TIME_W CLOSE CLOSE_W CLOSE LISTEN SYNACK
IN rst CLOSE CLOSE CLOSE SYN_R CLOSE CLOSE CLOSE CLOSE LAST_A LISTEN CLOSE
OUT syn SYN_S EST SYN_S SYNACK SYN_S SYN_S SYN_S SYN_S SYN_S LISTEN SYNACK
INONLY syn SYNACK EST EST SYN_R SYNACK SYNACK SYNACK SYNACK SYNACK SYNACK SYNACK
)";

TEST(TcpState, FollowsTheTablesOfSecureTcp) {
  Rows rows = read(kWritten);
  for (const auto& [of, row] : read(kSecureWritten)) rows[of] = row;
  expect_rows(rows, true);
}

TEST(TcpState, ClosesOnASegmentWithoutAnyOfTheFlags) {
  for (std::uint8_t from = 0; from < kTcpStates; ++from)
    EXPECT_EQ(next_tcp_state(TcpDirection::InputOnly, TcpState{from}, TcpEvent::Other),
              TcpState::Close);
}

TEST(TcpEvent, PrefersRstThenSynThenFinThenAck) {
  using namespace wire::tcp_flag;
  EXPECT_EQ(tcp_event(kRst | kSyn | kFin | kAck), TcpEvent::Rst);
  EXPECT_EQ(tcp_event(kSyn | kFin | kAck), TcpEvent::Syn);
  EXPECT_EQ(tcp_event(kFin | kAck), TcpEvent::Fin);
  EXPECT_EQ(tcp_event(kAck | kPsh), TcpEvent::Ack);
  EXPECT_EQ(tcp_event(kPsh | kUrg), TcpEvent::Other);
}

TEST(TcpState, HasTheTimeoutsAndActiveStatesOfIpvs) {
  EXPECT_EQ(tcp_timeout(TcpState::None), seconds_to_ticks(2));
  EXPECT_EQ(tcp_timeout(TcpState::Established), seconds_to_ticks(900));
  EXPECT_EQ(tcp_timeout(TcpState::SynRecv), seconds_to_ticks(60));
  EXPECT_EQ(tcp_timeout(TcpState::FinWait), seconds_to_ticks(120));
  EXPECT_EQ(tcp_timeout(TcpState::Close), seconds_to_ticks(10));
  EXPECT_EQ(tcp_timeout(TcpState::LastAck), seconds_to_ticks(30));
  std::string active;
  for (std::uint8_t state = 0; state < kTcpStates; ++state)
    if (is_active(TcpState{state})) active += std::string(state_name(Protocol::Tcp, state)) + ' ';
  EXPECT_EQ(active, "ESTABLISHED SYN_SENT SYN_RECV SYNACK ");
}

}  // namespace
}  // namespace lvs::director
