#include <gtest/gtest.h>

#include <string>

#include "tests/support/ftp_bench.h"

// FTP through Masq, passive (facts of IPVS, 2.14): the server says where it waits, the client is
// told an address and a port of the VIP instead.

namespace lvs::director {
namespace {

using test::FtpBench;
using test::TcpSegment;
using namespace wire::tcp_flag;

constexpr char kPassive[] = "227 Entering Passive Mode (10,0,0,11,156,64).\r\n";
constexpr char kPassiveOfVip[] = "227 Entering Passive Mode (203,0,113,10,156,64).\r\n";
constexpr char kExtended[] = "229 Entering Extended Passive Mode (|||40000|)\r\n";

template <typename Addr>
class FtpPassive : public ::testing::Test {};
using Families = ::testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(FtpPassive, Families);

template <typename Addr>
test::SeenSegment<Addr> to_data_port(const TcpSegment& segment, Port from = Port{50000},
                                     Port to = Port{40000}) {
  using Bench = FtpBench<Addr>;
  return {segment, Bench::kClient, Bench::kVip, from, to, true};
}
test::SeenSegment<Ipv4Addr> to_data_port4(const TcpSegment& segment) {
  return to_data_port<Ipv4Addr>(segment);
}

TEST(FtpPassive4, TellsTheVipInPlaceOfTheServer) {
  FtpBench<Ipv4Addr> bench;
  bench.connect();
  EXPECT_EQ(bench.server_says(kPassive), kPassiveOfVip);
  EXPECT_TRUE(test::has_right_checksums(bench.packet));
  EXPECT_EQ(bench.ftp().rewritten, 1u);
  const auto seen = bench.pass_segment(to_data_port4({.flags = kSyn}));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->destination, bench.kServer);
  EXPECT_EQ(seen->destination_port, Port{40000});
}

TYPED_TEST(FtpPassive, LeavesAPortThatIsRight) {
  FtpBench<TypeParam> bench;
  bench.connect();
  EXPECT_EQ(bench.server_says(kExtended), kExtended);
  EXPECT_EQ(bench.ftp().rewritten, 0u);
  EXPECT_EQ(bench.ftp().data_expected, 1u);
}

TYPED_TEST(FtpPassive, TakesTheClientsPortFromItsSynAndFollowsBothWays) {
  FtpBench<TypeParam> bench;
  bench.connect();
  bench.server_says(kExtended);
  EXPECT_EQ(bench.in_state("LISTEN")->client_port, Port{});
  const auto seen = bench.pass_segment(to_data_port<TypeParam>({.flags = kSyn}));
  ASSERT_TRUE(seen);
  EXPECT_EQ(bench.verdict.next_hop, bench.hop);
  EXPECT_EQ(seen->destination, bench.kServer);
  EXPECT_EQ(seen->destination_port, Port{40000});
  EXPECT_TRUE(seen->has_right_checksums);
  EXPECT_EQ(bench.in_state("SYN_RECV")->client_port, Port{50000});
  const auto back = bench.pass_segment(
      {{.flags = kSyn | kAck}, bench.kServer, bench.kClient, Port{40000}, Port{50000}, true});
  ASSERT_TRUE(back);
  EXPECT_EQ(back->source, bench.kVip);
  EXPECT_EQ(back->source_port, Port{40000});
}

TYPED_TEST(FtpPassive, LetsOneConnectionInAndNoOther) {
  FtpBench<TypeParam> bench;
  bench.connect();
  bench.server_says(kExtended);
  EXPECT_FALSE(bench.pass_segment(to_data_port<TypeParam>({.flags = kAck})))
      << "of an older connection";
  EXPECT_EQ(bench.verdict.action, Action::Kernel);
  EXPECT_TRUE(bench.pass_segment(to_data_port<TypeParam>({.flags = kSyn})));
  EXPECT_TRUE(bench.pass_segment(to_data_port<TypeParam>({.flags = kAck})));
  EXPECT_FALSE(bench.pass_segment(to_data_port<TypeParam>({.flags = kSyn}, Port{50001})));
  EXPECT_EQ(bench.verdict.action, Action::Kernel) << "facts of IPVS, 2.3";
}

// Facts of IPVS, 2.4: what controls others is kept for 60 s at a time as long as they live.
TYPED_TEST(FtpPassive, KeepsTheControlConnectionWhileDataRuns) {
  FtpBench<TypeParam> bench;
  bench.connect();
  bench.server_says(kExtended);
  bench.pass_segment(to_data_port<TypeParam>({.flags = kSyn}));
  bench.pass_segment(to_data_port<TypeParam>({.flags = kAck}));
  for (int minute = 0; minute < 40; ++minute) {
    bench.pass(seconds_to_ticks(60));
    ASSERT_TRUE(bench.pass_segment(to_data_port<TypeParam>({.flags = kAck}))) << minute;
    ASSERT_EQ(bench.connections().size(), 2u) << minute;
  }
  EXPECT_EQ(bench.server_says("226 done\r\n"), "226 done\r\n") << "after 40 minutes of silence";
}

TYPED_TEST(FtpPassive, ForgetsWhatIsNotUsed) {
  FtpBench<TypeParam> bench;
  bench.connect();
  bench.server_says(kExtended);
  bench.pass(seconds_to_ticks(119));
  EXPECT_EQ(bench.connections().size(), 2u);
  bench.pass(seconds_to_ticks(2));
  EXPECT_EQ(bench.connections().size(), 1u);
  EXPECT_FALSE(bench.pass_segment(to_data_port<TypeParam>({.flags = kSyn})));
}

TYPED_TEST(FtpPassive, WaitsForTheNewestOnly) {
  FtpBench<TypeParam> bench;
  bench.connect();
  for (int port = 2000; port < 2100; ++port)
    bench.server_says("229 (|||" + std::to_string(port) + "|)\r\n");
  ASSERT_EQ(bench.connections().size(), 2u);
  EXPECT_EQ(bench.in_state("LISTEN")->server_port, Port{2099});
}

// The client must not be led to another listener of the VIP.
TYPED_TEST(FtpPassive, TellsAnotherPortWhereTheServersIsTaken) {
  FtpBench<TypeParam> bench;
  ASSERT_TRUE(bench.engine.add_service(test::service_of<TypeParam>(Protocol::Tcp, Port{40000})));
  bench.connect();
  EXPECT_EQ(bench.server_says(kExtended), "229 Entering Extended Passive Mode (|||40001|)\r\n");
  const auto seen =
      bench.pass_segment(to_data_port<TypeParam>({.flags = kSyn}, Port{50000}, Port{40001}));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->destination_port, Port{40000});
  EXPECT_EQ(bench.server_says("229 (|||512|)\r\n"), "229 (|||1024|)\r\n") << "a privileged one";
  EXPECT_EQ(bench.server_says("229 (|||65535|)\r\n"), "229 (|||65535|)\r\n");
}

// Two servers may wait for one client at ports of one number.
TYPED_TEST(FtpPassive, TellsTheWaysToTwoServersApart) {
  FtpBench<TypeParam> bench;
  ServerConfig other = test::server_of<TypeParam>(ForwardMethod::Masq, bench, Port{2121});
  ASSERT_TRUE(bench.engine.add_server(bench.service.key, other));
  bench.connect();
  const Port first = bench.connections().at(0).server_port;
  bench.control_port = first;
  bench.connect();
  EXPECT_EQ(bench.server_says(kExtended), kExtended);
  bench.client_port = Port{40002};
  bench.control_port = first == Port{21} ? Port{2121} : Port{21};
  bench.answered = 501;
  bench.connect();
  EXPECT_EQ(bench.server_says(kExtended), "229 Entering Extended Passive Mode (|||40001|)\r\n");
  EXPECT_EQ(bench.ftp().sessions, 2u);
}

TYPED_TEST(FtpPassive, LeavesAnswersForOtherHostsAlone) {
  FtpBench<TypeParam> bench;
  bench.connect();
  for (const char* const line :
       {"227 (10,0,0,12,156,64)\r\n", "227 (192,0,2,1,156,64)\r\n", "227 (0,0,0,0,156,64)\r\n"})
    EXPECT_EQ(bench.server_says(line), line);
  EXPECT_EQ(bench.ftp().foreign, 3u);
  EXPECT_EQ(bench.connections().size(), 1u);
}

TEST(FtpPassive4, HelpsAServerThatNamesTheVipItself) {
  FtpBench<Ipv4Addr> bench;
  bench.connect();
  EXPECT_EQ(bench.server_says(kPassiveOfVip), kPassiveOfVip);
  EXPECT_EQ(bench.ftp().rewritten, 0u);
  EXPECT_TRUE(bench.pass_segment(to_data_port4({.flags = kSyn})));
}

TEST(FtpPassive4, LeavesATextThatTheClientHasInPart) {
  FtpBench<Ipv4Addr> bench;
  bench.connect();
  EXPECT_EQ(bench.server_says("227 (10,0,0,"), "227 (10,0,0,");
  EXPECT_EQ(bench.server_says("11,156,64)\r\n"), "11,156,64)\r\n");
  EXPECT_EQ(bench.ftp().not_rewritten, 1u);
  EXPECT_EQ(bench.ftp().data_expected, 0u);
}

// A port that needs no change may come in pieces.
TYPED_TEST(FtpPassive, ExpectsAPortThatIsRightHoweverItsLineIsCut) {
  const std::string line = kExtended;
  for (std::size_t cut = 1; cut < line.size(); ++cut) {
    FtpBench<TypeParam> bench;
    bench.connect();
    EXPECT_EQ(bench.server_says(line.substr(0, cut)), line.substr(0, cut));
    EXPECT_EQ(bench.server_says(line.substr(cut)), line.substr(cut));
    EXPECT_EQ(bench.ftp().data_expected, 1u) << cut;
    EXPECT_TRUE(bench.in_state("LISTEN")) << cut;
  }
}

// What matters lies in one segment, whatever its line's other bytes do.
TEST(FtpPassive4, ChangesALineThatComesInPieces) {
  FtpBench<Ipv4Addr> bench;
  bench.connect();
  EXPECT_EQ(bench.server_says("227 Entering ("), "227 Entering (");
  EXPECT_EQ(bench.server_says("10,0,0,11,156,64)"), "203,0,113,10,156,64)");
  EXPECT_EQ(bench.server_says(".\r\n"), ".\r\n");
  EXPECT_EQ(bench.ftp().rewritten, 1u);
  EXPECT_EQ(bench.ftp().data_expected, 1u);
}

TYPED_TEST(FtpPassive, OnlyMethodMasqAtPort21IsHelped) {
  FtpBench<TypeParam> direct({.connections = 256}, ForwardMethod::Route);
  direct.connect();
  EXPECT_EQ(direct.ftp().sessions, 0u);

  test::FamilyBench<TypeParam> elsewhere;
  elsewhere.pass_packet(elsewhere.request());
  EXPECT_EQ(elsewhere.engine.connection_count(), 1u);
  EXPECT_EQ(elsewhere.engine.ftp_counters().sessions, 0u);
}

TYPED_TEST(FtpPassive, GoesOnWithoutHelpWhereThereAreTooManySessions) {
  FtpBench<TypeParam> bench({.connections = 256, .ftp_sessions = 0});
  bench.connect();
  EXPECT_EQ(bench.ftp().sessions_refused, 1u);
  EXPECT_EQ(bench.server_says(kPassive), kPassive);
  EXPECT_EQ(bench.connections().size(), 1u);
}

TYPED_TEST(FtpPassive, ASessionEndsWithItsConnection) {
  FtpBench<TypeParam> bench({.connections = 256, .ftp_sessions = 1});
  bench.connect();
  bench.client({.sequence = 101, .flags = kRst});
  bench.pass(seconds_to_ticks(11));
  ASSERT_EQ(bench.connections().size(), 0u);
  bench.connect();
  EXPECT_EQ(bench.ftp().sessions, 2u);
  EXPECT_EQ(bench.ftp().sessions_refused, 0u);
}

}  // namespace
}  // namespace lvs::director
