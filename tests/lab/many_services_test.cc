#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "net/wire/addr_text.h"
#include "tests/lab/director_lab.h"
#include "tests/lab/shell.h"

// Directors of thousands of services, and of hundreds of nat servers. What the kernel's socket
// filter cannot say exactly is neither lost nor taken from the host.

namespace lvs::test {
namespace {

class ManyServices : public ::testing::Test {
 protected:
  void SetUp() override {
    lab_ = DirectorLab::make();
    if (!lab_) GTEST_SKIP() << "needs the right to make network namespaces (CAP_SYS_ADMIN)";
    one_ = std::make_unique<CountingServer>(lab_->rs1, "rs1");
    two_ = std::make_unique<CountingServer>(lab_->rs2, "rs2");
  }

  /// All these addresses are the servers', on whatever port.
  void serve(const std::string& network) {
    for (const Netns* server : {&lab_->rs1, &lab_->rs2})
      ASSERT_TRUE(
          succeeds_in(server->fd(), "ip route add local " + network + " dev lo\n" + kEveryPort));
  }
  /// Two connections, to one server each.
  bool is_answered_by_both(Ipv4Addr vip, std::uint16_t port) const {
    const std::string one = lab_->ask_at(vip, port, "x").substr(0, 4);
    const std::string two = lab_->ask_at(vip, port, "x").substr(0, 4);
    return (one == "rs1 " && two == "rs2 ") || (one == "rs2 " && two == "rs1 ");
  }
  /// The host's own kernel says that nobody listens there.
  bool is_refused(Ipv4Addr address, std::uint16_t port) const {
    int error = 0;
    return lab_->ask_at(address, port, "x", &error).empty() && error == ECONNREFUSED;
  }
  std::string filter() const {
    return *lab_->list().find("nics")->as_array()->front().find("filter")->as_string();
  }
  /// Everything that was received was forwarded: nothing that is the host's was counted.
  void expect_forwarded_alone() const {
    const Json listed = lab_->list();
    const Json& counters = *listed.find("counters");
    EXPECT_EQ(*counters.int_at("received"), *counters.int_at("forward"));
    EXPECT_GT(*counters.int_at("forward"), 0);
  }

  static constexpr const char* kEveryPort =
      "nft add table ip every\n"
      "nft add chain ip every in '{ type nat hook prerouting priority -100; }'\n"
      "nft add rule ip every in tcp dport != 80 redirect to :80";
  std::unique_ptr<DirectorLab> lab_;
  std::unique_ptr<CountingServer> one_, two_;
};

TEST_F(ManyServices, ABlockOfPortsOnEachOfSixteenVips) {
  std::string vips;
  for (int i = 100; i < 116; ++i)
    vips += (vips.empty() ? "\"" : ", \"") + ("192.168.1." + std::to_string(i)) + "\"";
  serve("192.168.1.96/27");
  lab_->run_director("name = \"blocks\"\n[[service]]\nvip = [" + vips +
                     "]\nports = [\"1000-1255\"]\nmethod = \"dr\"\nscheduler = \"rr\"\n"
                     "servers = [\"rs1\", \"rs2\"]\n" +
                     kHostsOfLab);
  EXPECT_EQ(lab_->list().find("services")->as_array()->size(), 4096u);
  EXPECT_EQ(filter(), "exact");
  for (const std::uint8_t vip : std::to_array<std::uint8_t>({100, 107, 115}))
    for (const std::uint16_t port : std::to_array<std::uint16_t>({1000, 1128, 1255}))
      EXPECT_TRUE(is_answered_by_both(Ipv4Addr(192, 168, 1, vip), port)) << int{vip} << " " << port;
  EXPECT_TRUE(is_refused(Ipv4Addr(192, 168, 1, 107), 1256));
  EXPECT_TRUE(is_refused(Ipv4Addr(192, 168, 1, 90), 1000));
  expect_forwarded_alone();
  EXPECT_EQ(lab_->stop_director(SIGTERM), 0) << lab_->director_log();
}

/// Too many for the kernel's filter: VIPs with ports that have nothing in common.
TEST_F(ManyServices, PortsThatNoTwoVipsShare) {
  constexpr int vips = 250;
  const auto vip = [](int i) { return Ipv4Addr(10, 96, 0, static_cast<std::uint8_t>(i + 1)); };
  const auto port = [](int i, int k) {
    return static_cast<std::uint16_t>(2000 + 37 * i + 9001 * k);
  };
  std::string profile = "name = \"scattered\"\n";
  for (int i = 0; i < vips; ++i) {
    profile += "[[service]]\nvip = \"" + to_string(IpAddr{vip(i)}) + "\"\nports = [";
    for (int k = 0; k < 5; ++k) profile += std::to_string(port(i, k)) + ", ";
    profile += "]\nmethod = \"dr\"\nscheduler = \"rr\"\nservers = [\"rs1\", \"rs2\"]\n";
  }
  serve("10.96.0.0/24");
  ASSERT_TRUE(succeeds_in(lab_->client.fd(), "ip route add 10.96.0.0/24 via 192.168.1.90"));
  lab_->run_director(profile + kHostsOfLab);
  EXPECT_EQ(filter(), "rough");
  for (const int i : {0, 100, vips - 1})
    for (const int k : {0, 4}) {
      EXPECT_TRUE(is_answered_by_both(vip(i), port(i, k))) << i << " " << k;
      EXPECT_TRUE(is_refused(vip(i), static_cast<std::uint16_t>(port(i, k) + 1)));
    }
  expect_forwarded_alone();
  EXPECT_EQ(lab_->stop_director(SIGTERM), 0) << lab_->director_log();
}

/// All of them are rs1, which tells us by which of its addresses it was reached.
TEST_F(ManyServices, ThreeHundredServersByNat) {
  constexpr int servers = 300;
  std::string addresses = "ip address flush dev eth0\n";
  std::string list;
  for (int i = 0; i < servers; ++i) {
    const std::string address = to_string(IpAddr{Ipv4Addr(
        192, 168, static_cast<std::uint8_t>(8 + i / 200), static_cast<std::uint8_t>(2 + i % 200))});
    addresses += "ip address add " + address + "/22 dev eth0\n";
    list += "{ address = \"" + address + "\" }, ";
  }
  addresses +=
      "ip route add default via 192.168.8.1\n"
      "nft add table ip seen\n"
      "nft add set ip seen reached '{ type ipv4_addr; flags dynamic; }'\n"
      "nft add chain ip seen in '{ type filter hook input priority 0; }'\n"
      "nft add rule ip seen in tcp dport 80 update @reached '{ ip daddr }'";
  ASSERT_TRUE(succeeds_in(lab_->rs1.fd(), addresses));
  ASSERT_TRUE(succeeds_in(lab_->director.fd(), "ip address add 192.168.8.1/22 dev eth0"));
  lab_->run_director(
      "name = \"natmany\"\n[[service]]\nvip = \"192.168.1.99\"\nport = 80\n"
      "method = \"nat\"\nscheduler = \"rr\"\nservers = [" +
      list +
      "]\n[host.lb1]\nrole = \"director\"\ninterface = \"eth0\"\n"
      "address = [\"192.168.1.90/24\", \"192.168.8.1/22\"]\n");
  for (int i = 0; i < servers; ++i) ASSERT_EQ(lab_->ask("x").substr(0, 4), "rs1 ") << i;
  const std::string reached = shell_in(lab_->rs1.fd(), "nft list set ip seen reached").out;
  EXPECT_EQ(std::count(reached.begin(), reached.end(), ','), servers - 1) << reached;
  EXPECT_TRUE(is_refused(Ipv4Addr(192, 168, 1, 90), 80));
  expect_forwarded_alone();
  EXPECT_EQ(lab_->stop_director(SIGTERM), 0) << lab_->director_log();
}

}  // namespace
}  // namespace lvs::test
