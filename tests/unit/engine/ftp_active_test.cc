#include <gtest/gtest.h>

#include "tests/support/ftp_bench.h"

// FTP through Masq, active (facts of IPVS, 2.14): the client says where it waits, the server comes.

namespace lvs::director {
namespace {

using test::FtpBench;
using test::TcpSegment;
using namespace wire::tcp_flag;

template <typename Addr>
class FtpActive : public ::testing::Test {};
using Families = ::testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(FtpActive, Families);

/// The client waits at its port 40001.
template <typename Addr>
std::string waiting_command() {
  if constexpr (std::is_same_v<Addr, Ipv4Addr>) return "PORT 192,0,2,1,156,65\r\n";
  return "EPRT |2|2001:db8:1::5|40001|\r\n";
}
template <typename Addr>
test::SeenSegment<Addr> from_data_port(const TcpSegment& segment, Port server_port = Port{20}) {
  using Bench = FtpBench<Addr>;
  return {segment, Bench::kServer, Bench::kClient, server_port, Port{40001}, true};
}

TYPED_TEST(FtpActive, SendsTheServersSynFromTheVip) {
  FtpBench<TypeParam> bench;
  bench.connect();
  EXPECT_EQ(bench.client_says(waiting_command<TypeParam>()), waiting_command<TypeParam>())
      << "it holds behind a director too";
  const auto seen = bench.pass_segment(from_data_port<TypeParam>({.sequence = 7, .flags = kSyn}));
  ASSERT_TRUE(seen);
  EXPECT_EQ(bench.verdict.next_hop, bench.back);
  EXPECT_EQ(seen->source, bench.kVip);
  EXPECT_EQ(seen->source_port, Port{20});
  EXPECT_EQ(seen->destination, bench.kClient);
  EXPECT_EQ(seen->destination_port, Port{40001});
  EXPECT_EQ(seen->sequence, 7u);
  EXPECT_TRUE(seen->has_right_checksums);
}

TYPED_TEST(FtpActive, FollowsTheDataBothWays) {
  FtpBench<TypeParam> bench;
  bench.connect();
  bench.client_says(waiting_command<TypeParam>());
  bench.pass_segment(from_data_port<TypeParam>({.flags = kSyn}));
  const auto seen = bench.pass_segment(
      {{.flags = kSyn | kAck}, bench.kClient, bench.kVip, Port{40001}, Port{20}, true});
  ASSERT_TRUE(seen);
  EXPECT_EQ(bench.verdict.next_hop, bench.hop);
  EXPECT_EQ(seen->destination, bench.kServer);
  EXPECT_EQ(seen->destination_port, Port{20});
  EXPECT_TRUE(seen->has_right_checksums);
  const auto data =
      bench.pass_segment(from_data_port<TypeParam>({.text = "227 (1,2,3,4,5,6)\r\n"}));
  ASSERT_TRUE(data);
  EXPECT_EQ(data->text, "227 (1,2,3,4,5,6)\r\n") << "data is nobody's to read";
}

// Facts of IPVS, 2.14 and 2.4: LISTEN until it is used, one more of its server's connections, but
// no new one in the statistics.
TYPED_TEST(FtpActive, ListsAndCountsTheConnectionAsIpvs) {
  FtpBench<TypeParam> bench;
  bench.connect();
  bench.client_says(waiting_command<TypeParam>());
  const auto expected = bench.in_state("LISTEN");
  ASSERT_TRUE(expected);
  EXPECT_EQ(expected->client_port, Port{40001});
  EXPECT_EQ(expected->vip_port, Port{20});
  EXPECT_EQ(expected->server_port, Port{20});
  EXPECT_EQ(expected->expires_in, seconds_to_ticks(120));
  ServerStatus server = bench.status(bench.service.key).servers.at(0);
  EXPECT_EQ(server.active, 1u);
  EXPECT_EQ(server.inactive, 1u);
  bench.pass_segment(from_data_port<TypeParam>({.flags = kSyn}));
  bench.pass_segment(
      {{.flags = kSyn | kAck}, bench.kClient, bench.kVip, Port{40001}, Port{20}, true});
  bench.pass_segment(from_data_port<TypeParam>({.flags = kAck}));
  server = bench.status(bench.service.key).servers.at(0);
  EXPECT_EQ(server.active, 2u);
  EXPECT_EQ(server.inactive, 0u);
  EXPECT_EQ(server.counters.connections, 1u);
  EXPECT_EQ(bench.ftp().data_expected, 1u);
}

TYPED_TEST(FtpActive, ComesFromThePortBeforeTheControlConnections) {
  FtpBench<TypeParam> bench({.connections = 256}, ForwardMethod::Masq, Port{2121});
  bench.connect();
  bench.client_says(waiting_command<TypeParam>());
  EXPECT_FALSE(bench.pass_segment(from_data_port<TypeParam>({.flags = kSyn}, Port{20})));
  EXPECT_EQ(bench.verdict.action, Action::Kernel) << "of no connection";
  const auto seen = bench.pass_segment(from_data_port<TypeParam>({.flags = kSyn}, Port{2120}));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->source_port, Port{20});
}

TYPED_TEST(FtpActive, JoinsACommandOfSeveralSegments) {
  const std::string command = waiting_command<TypeParam>();
  for (std::size_t cut = 1; cut < command.size(); ++cut) {
    FtpBench<TypeParam> bench;
    bench.connect();
    bench.client_says(command.substr(0, cut));
    EXPECT_FALSE(bench.in_state("LISTEN"));
    bench.client_says(command.substr(cut));
    EXPECT_TRUE(bench.in_state("LISTEN")) << cut;
  }
}

TYPED_TEST(FtpActive, ExpectsOnceWhatIsSentAgain) {
  FtpBench<TypeParam> bench;
  bench.connect();
  bench.client_says(waiting_command<TypeParam>());
  bench.commanded = 101;
  bench.client_says(waiting_command<TypeParam>());
  EXPECT_EQ(bench.ftp().data_expected, 1u);
  EXPECT_EQ(bench.connections().size(), 2u);
}

TYPED_TEST(FtpActive, OpensNoWayToAnotherHost) {
  FtpBench<TypeParam> bench;
  bench.connect();
  for (const char* const command :
       {"PORT 192,0,2,2,156,65\r\n", "EPRT |1|192.0.2.2|40001|\r\n",
        "EPRT |2|2001:db8:1::6|40001|\r\n", "PORT 203,0,113,10,0,21\r\n"})
    EXPECT_EQ(bench.client_says(command), command);
  EXPECT_EQ(bench.connections().size(), 1u);
  EXPECT_EQ(bench.ftp().foreign, 4u);
  EXPECT_EQ(bench.ftp().data_expected, 0u);
}

// A client that announces and announces would fill the table.
TYPED_TEST(FtpActive, WaitsForTheNewestOnly) {
  FtpBench<TypeParam> bench;
  bench.connect();
  for (int port = 2000; port < 2100; ++port)
    bench.client_says(std::is_same_v<TypeParam, Ipv4Addr>
                          ? "EPRT |1|192.0.2.1|" + std::to_string(port) + "|\r\n"
                          : "EPRT |2|2001:db8:1::5|" + std::to_string(port) + "|\r\n");
  EXPECT_EQ(bench.ftp().data_expected, 100u);
  ASSERT_EQ(bench.connections().size(), 2u);
  EXPECT_EQ(bench.in_state("LISTEN")->client_port, Port{2099});
}

TYPED_TEST(FtpActive, CountsWhatATableThatIsFullRefuses) {
  FtpBench<TypeParam> bench({.connections = 1});
  bench.connect();
  bench.client_says(waiting_command<TypeParam>());
  EXPECT_EQ(bench.ftp().data_refused, 1u);
  EXPECT_EQ(bench.connections().size(), 1u);
}

TYPED_TEST(FtpActive, BelievesNoBrokenSegment) {
  FtpBench<TypeParam> bench;
  bench.connect();
  bench.packet = test::make_segment(
      bench.from_client({.sequence = 101, .text = waiting_command<TypeParam>()}));
  bench.packet.back() ^= 1;
  EXPECT_FALSE(bench.pass_made());
  EXPECT_EQ(bench.verdict.reason, DropReason::BadChecksum);
  EXPECT_FALSE(bench.in_state("LISTEN"));
}

}  // namespace
}  // namespace lvs::director
