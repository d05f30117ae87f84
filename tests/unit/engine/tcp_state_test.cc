#include "director/core/tcp_state.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>

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

TEST(TcpState, FollowsTheWrittenTables) {
  const std::map<std::string, TcpDirection> directions{{"IN", TcpDirection::Input},
                                                       {"OUT", TcpDirection::Output},
                                                       {"INONLY", TcpDirection::InputOnly}};
  const std::map<std::string, TcpEvent> events{{"syn", TcpEvent::Syn},
                                               {"fin", TcpEvent::Fin},
                                               {"ack", TcpEvent::Ack},
                                               {"rst", TcpEvent::Rst}};
  const std::map<std::string, TcpState> states{
      {"EST", TcpState::Established},   {"SYN_S", TcpState::SynSent},
      {"SYN_R", TcpState::SynRecv},     {"FIN_W", TcpState::FinWait},
      {"TIME_W", TcpState::TimeWait},   {"CLOSE", TcpState::Close},
      {"CLOSE_W", TcpState::CloseWait}, {"LAST_A", TcpState::LastAck},
      {"LISTEN", TcpState::Listen}};
  std::istringstream in(kWritten);
  std::size_t compared = 0;
  std::string direction, event, state;
  while (in >> direction >> event) {
    for (std::uint8_t from = 0; from < kTcpStates; ++from, ++compared) {
      in >> state;
      EXPECT_EQ(next_tcp_state(directions.at(direction), TcpState{from}, events.at(event)),
                states.at(state))
          << direction << ' ' << event << " from " << state_name(Protocol::Tcp, from);
    }
  }
  EXPECT_EQ(compared, 12 * kTcpStates);
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
