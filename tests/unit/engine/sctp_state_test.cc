#include "director/core/sctp_state.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "director/core/state_name.h"

namespace lvs::director {
namespace {

// What each event makes of each state, in the order of SctpState, as kernel 6.1 has it: written out
// in full, while the code has only what moves.
constexpr const char* kWritten = R"(
IN data             EST I1   INIT CS   CR   CW   CO   CE   EST SS SR SA RJ CL
IN init             I1  INIT INIT CS   CR   CW   CO   CE   EST SS SR SA INIT INIT
IN init-ack         CW  CW   CW   CS   CR   CO   CO   CE   EST SS SR SA RJ CL
IN cookie-echo      CR  INIT INIT CR   CR   CW   CO   CE   EST SS SR SA RJ CL
IN cookie-ack       EST I1   INIT CS   CR   CW   CO   EST  EST SS SR SA RJ CL
IN shutdown         SR  I1   INIT CS   CR   CW   CO   CE   SR  SS SR SA RJ CL
IN shutdown-ack     CL  INIT INIT CS   CR   CW   CO   CE   EST CL SR CL RJ CL
IN shutdown-done    CL  CL   CL   CS   CR   CW   CO   CE   EST SS SR CL RJ CL
IN error            CL  I1   INIT CS   CR   CW   CO   CL   EST SS SR SA RJ CL
IN abort            CL  CL   CL   CL   CL   RJ   CL   CL   CL  CL CL CL CL CL
OUT data            EST I1   INIT CS   CR   CW   CO   CE   EST SS SR SA RJ CL
OUT init            CW  CW   CW   CW   CW   CW   CW   CW   EST CW CW CW CW CW
OUT init-ack        CS  CS   CS   CS   CR   CW   CO   CE   EST SS SR SA RJ CL
OUT cookie-echo     CE  CE   CE   CE   CE   CE   CE   CE   EST SS SR SA RJ CL
OUT cookie-ack      EST EST  EST  EST  EST  EST  EST  EST  EST SS SR SA RJ CL
OUT shutdown        SS  SS   SS   SS   SS   SS   SS   SS   SS  SS SR SA RJ CL
OUT shutdown-ack    SA  SA   SA   SA   SA   CW   CO   CE   EST SA SA SA RJ CL
OUT shutdown-done   CL  I1   INIT CS   CR   CW   CO   CE   EST SS SR SA RJ CL
OUT error           CL  CL   CL   CL   CL   CW   CO   CE   EST SS SR SA RJ CL
OUT abort           CL  RJ   CL   CL   CL   CL   CL   CL   CL  CL CL CL CL CL
ONLY data           EST I1   INIT CS   CR   EST  CO   CE   EST SS SR SA RJ CL
ONLY init           I1  INIT INIT INIT INIT INIT CO   CE   EST SS SR SA INIT INIT
ONLY init-ack       CE  CE   CE   CE   CE   CE   CO   CE   EST SS SR SA RJ CL
ONLY cookie-echo    EST EST  EST  EST  EST  EST  CO   CE   EST SS SR SA RJ CL
ONLY cookie-ack     EST I1   INIT EST  EST  CW   EST  EST  EST SS SR SA RJ CL
ONLY shutdown       SR  I1   INIT CS   CR   CW   CO   CE   SR  SS SR SA RJ CL
ONLY shutdown-ack   CL  INIT INIT CS   CR   CW   CO   CE   CL  CL SR CL RJ CL
ONLY shutdown-done  CL  CL   CL   CL   CL   CW   CO   CE   EST SS CL CL RJ CL
ONLY error          CL  I1   INIT CS   CR   CW   CO   CE   EST SS SR SA RJ CL
ONLY abort          CL  CL   CL   CL   CL   RJ   CL   CL   CL  CL CL CL CL CL
)";

TEST(SctpState, FollowsTheWrittenTables) {
  const std::map<std::string, TcpDirection> directions{{"IN", TcpDirection::Input},
                                                       {"OUT", TcpDirection::Output},
                                                       {"ONLY", TcpDirection::InputOnly}};
  const std::map<std::string, SctpEvent> events{{"data", SctpEvent::Data},
                                                {"init", SctpEvent::Init},
                                                {"init-ack", SctpEvent::InitAck},
                                                {"cookie-echo", SctpEvent::CookieEcho},
                                                {"cookie-ack", SctpEvent::CookieAck},
                                                {"shutdown", SctpEvent::Shutdown},
                                                {"shutdown-ack", SctpEvent::ShutdownAck},
                                                {"shutdown-done", SctpEvent::ShutdownComplete},
                                                {"error", SctpEvent::Error},
                                                {"abort", SctpEvent::Abort}};
  const std::map<std::string, std::string> names{
      {"I1", "INIT1"},  {"INIT", "INIT"},     {"CS", "C-SENT"},     {"CR", "C-REPLIED"},
      {"CW", "C-WAIT"}, {"CO", "COOKIE"},     {"CE", "C-ECHOED"},   {"EST", "ESTABLISHED"},
      {"SS", "S-SENT"}, {"SR", "S-RECEIVED"}, {"SA", "S-ACK-SENT"}, {"RJ", "REJECTED"},
      {"CL", "CLOSED"}};
  std::istringstream in(kWritten);
  std::size_t compared = 0;
  std::string direction, event, next;
  while (in >> direction >> event) {
    for (std::uint8_t from = 0; from < kSctpStates; ++from, ++compared) {
      in >> next;
      const SctpState state =
          next_sctp_state(directions.at(direction), SctpState{from}, events.at(event));
      EXPECT_EQ(state_name(Protocol::Sctp, static_cast<std::uint8_t>(state)), names.at(next))
          << direction << ' ' << event << " from " << state_name(Protocol::Sctp, from);
    }
  }
  EXPECT_EQ(compared, 30 * kSctpStates);
}

// Facts of IPVS, 2.6: the usual path of a client.
TEST(SctpState, FollowsTheUsualPathOfAClient) {
  constexpr TcpDirection kIn = TcpDirection::Input;
  constexpr TcpDirection kOut = TcpDirection::Output;
  SctpState state = SctpState::None;
  std::string path;
  const auto see = [&](TcpDirection direction, SctpEvent event) {
    state = next_sctp_state(direction, state, event);
    path += std::string(state_name(Protocol::Sctp, static_cast<std::uint8_t>(state))) + ' ';
  };
  see(kIn, SctpEvent::Init);
  see(kOut, SctpEvent::InitAck);
  see(kIn, SctpEvent::CookieEcho);
  see(kOut, SctpEvent::CookieAck);
  see(kIn, SctpEvent::Shutdown);
  see(kOut, SctpEvent::ShutdownAck);
  see(kIn, SctpEvent::ShutdownComplete);
  EXPECT_EQ(path, "INIT1 C-SENT C-REPLIED ESTABLISHED S-RECEIVED S-ACK-SENT CLOSED ");
  EXPECT_EQ(next_sctp_state(kOut, SctpState::Init1, SctpEvent::Abort), SctpState::Rejected);
}

// Facts of IPVS, 2.5.
TEST(SctpState, HasTheTimeoutsAndTheActiveStateOfIpvs) {
  for (std::uint8_t number = 0; number < kSctpStates; ++number) {
    const std::string name(state_name(Protocol::Sctp, number));
    const std::uint32_t seconds = name == "NONE"                          ? 2
                                  : name == "INIT1" || name == "REJECTED" ? 4
                                  : name == "ESTABLISHED"                 ? 900
                                                                          : 61;
    EXPECT_EQ(sctp_timeout(SctpState{number}), seconds_to_ticks(seconds)) << name;
    EXPECT_EQ(is_active(SctpState{number}), name == "ESTABLISHED");
  }
}

SctpEvent event_of(std::vector<std::uint8_t> chunks) { return sctp_event(chunks); }

// The numbers are those of RFC 9260, 3.2.
TEST(SctpEvent, IsTheTypeOfTheFirstChunk) {
  const std::array<SctpEvent, 16> expected{
      SctpEvent::Data,  SctpEvent::Init,       SctpEvent::InitAck,
      SctpEvent::Data,  SctpEvent::Data,       SctpEvent::Data,
      SctpEvent::Abort, SctpEvent::Shutdown,   SctpEvent::ShutdownAck,
      SctpEvent::Error, SctpEvent::CookieEcho, SctpEvent::CookieAck,
      SctpEvent::Data,  SctpEvent::Data,       SctpEvent::ShutdownComplete,
      SctpEvent::Data};
  for (std::uint8_t type = 0; type < expected.size(); ++type)
    EXPECT_EQ(event_of({type, 0, 0, 4}), expected[type]) << int{type};
  EXPECT_EQ(event_of({0xc0, 0, 0, 4}), SctpEvent::Data) << "unknown";
}

TEST(SctpEvent, CountsAnAbortBehindACookie) {
  EXPECT_EQ(event_of({10, 0, 0, 6, 1, 2, 0, 0, 6, 0, 0, 4}), SctpEvent::Abort) << "padded";
  EXPECT_EQ(event_of({11, 0, 0, 4, 6, 0, 0, 4}), SctpEvent::Abort);
  EXPECT_EQ(event_of({11, 0, 0, 4, 0, 0, 0, 4}), SctpEvent::CookieAck);
  EXPECT_EQ(event_of({0, 0, 0, 4, 6, 0, 0, 4}), SctpEvent::Data) << "only behind a cookie";
}

TEST(SctpEvent, IsNothingWithoutAWholeChunkAndBelievesNoLength) {
  EXPECT_EQ(event_of({}), SctpEvent::Nothing);
  EXPECT_EQ(event_of({1, 0, 0}), SctpEvent::Nothing);
  EXPECT_EQ(event_of({11, 0, 0xff, 0xff}), SctpEvent::CookieAck);
  EXPECT_EQ(event_of({11, 0, 0, 0, 6, 0, 0, 4}), SctpEvent::CookieAck);
  EXPECT_EQ(event_of({11, 0, 0, 4, 6, 0, 0}), SctpEvent::CookieAck);
  EXPECT_EQ(next_sctp_state(TcpDirection::Input, SctpState::Closed, SctpEvent::Nothing),
            SctpState::Closed);
}

TEST(StateName, TellsTemplatesFromConversations) {
  Connection<Ipv4Addr> record{.protocol = Protocol::Tcp,
                              .state = static_cast<std::uint8_t>(TcpState::Established)};
  EXPECT_EQ(state_name(record), "ESTABLISHED");
  record.flags = connection_flag::kTemplate;
  EXPECT_EQ(state_name(record), "NONE");
  record.flags |= connection_flag::kAssured;
  EXPECT_EQ(state_name(record), "ASSURED");
  EXPECT_EQ(state_name(Protocol::Sctp, 200), "NONE");
}

}  // namespace
}  // namespace lvs::director
