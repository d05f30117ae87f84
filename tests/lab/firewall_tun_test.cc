// A real server of tun behind a firewall that drops what it does not know: set up by the program,
// proven by a TCP connection in IPIP, seen by `check`, and taken back to the byte.

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "net/linux/rtnetlink.h"
#include "tests/lab/cluster.h"
#include "tests/lab/tunnel_sender.h"

namespace lvs::test {
namespace {

namespace fs = std::filesystem;

constexpr Ipv4Addr kDip(192, 168, 1, 90);
constexpr Ipv4Addr kRip(192, 168, 1, 91);

struct Case {
  const char* decap;
  int rp_filter;
};

/// A director of the test's in the host's namespace: curl there asks for the VIP through it.
class Director {
 public:
  explicit Director(int netns_fd, const MacAddr& server) {
    std::thread([&] {
      if (setns(netns_fd, CLONE_NEWNET) != 0) std::abort();  // the lab is ours: it cannot fail
      sender_ = std::make_unique<TunnelSender>("tun0", false);
      auto routes = linux_net::RouteSocket::open();
      const auto link = routes->link_named("eth0");
      started_ = sender_->ready() && link &&
                 sender_->start(*link, server, ipip(kDip, kRip, Family::Ipv4), {});
    }).join();
  }
  bool started() const { return started_; }

 private:
  std::unique_ptr<TunnelSender> sender_;
  bool started_ = false;
};

class FirewallTun : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs the right to enter the lab's namespaces (root)";
    if (access("/dev/net/tun", R_OK | W_OK) != 0) GTEST_SKIP() << "needs /dev/net/tun";
    std::string pattern = fs::temp_directory_path() / "lvskit-firewall-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::ofstream(folder_ / "profile.toml")
        << "name = \"tun\"\n[[service]]\nvip = \"192.168.1.99\"\nport = 80\nmethod = \"tun\"\n"
           "servers = [\"rs1\"]\n[host.lb1]\nrole = \"director\"\ninterface = \"eth0\"\n"
           "address = \"192.168.1.90/24\"\n[host.rs1]\nrole = \"realserver\"\n"
           "interface = \"eth0\"\naddress = \"192.168.1.91/24\"\ndecap = \""
        << GetParam().decap << "\"\n";
    cluster_ = Cluster::up(folder_ / "profile.toml");
    ASSERT_NE(cluster_, nullptr);
    const std::string value = std::to_string(GetParam().rp_filter);
    sh("rs1",
       "for i in all eth0; do echo " + value + " > /proc/sys/net/ipv4/conf/$i/rp_filter; done");
  }
  void TearDown() override {
    cluster_.reset();
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  std::string sh(const std::string& host, const std::string& line) {
    return cluster_->ok_on(host, {"sh", "-c", line});
  }
  std::string ours(const std::string& command, int status) {
    const auto done =
        cluster_->on("rs1", {"lvs-realserver", command, cluster_->profile(), "--host", "rs1"});
    EXPECT_EQ(done.exit_code, status) << command << ":\n" << done.out << done.err;
    return done.out + done.err;
  }
  /// A page of the VIP, asked for in IPIP.
  void expect_a_page() {
    const Director director(cluster_->netns("lb1"), *parse_rs1_mac());
    ASSERT_TRUE(director.started());
    sh("lb1",
       "ip link set tun0 up mtu 1400 && ip route replace 192.168.1.99/32 dev tun0 src "
       "192.168.1.90");
    const auto page = cluster_->on("lb1", {"curl", "-sS", "-m", "10", "http://192.168.1.99/"});
    EXPECT_EQ(page.exit_code, 0) << page.err
                                 << sh("rs1", "nft list ruleset; nstat -az | grep -i rev");
  }
  void expect_that_a_flush_is_seen() {
    sh("rs1", "nft flush chain inet guard entry");
    const std::string drift = ours("check", 2);
    EXPECT_NE(drift.find("guard"), std::string::npos) << drift;
    sh("rs1",
       "nft add rule inet guard entry iif lo accept; "
       "nft add rule inet guard entry tcp dport 80 accept");
    ours("apply", 0);
    ours("check", 0);
  }
  std::optional<MacAddr> parse_rs1_mac() {
    const auto text = sh("rs1", "cat /proc/self/net/arp > /dev/null; ip -br link show eth0");
    std::array<std::uint8_t, 6> octets{};
    const std::size_t colon = text.find(':');
    for (std::size_t i = 0; i < octets.size(); ++i)
      octets[i] =
          static_cast<std::uint8_t>(std::stoul(text.substr(colon - 2 + 3 * i, 2), nullptr, 16));
    return MacAddr(octets);
  }

  fs::path folder_;
  std::unique_ptr<Cluster> cluster_;
};

TEST_P(FirewallTun, PassesIptablesAndANativeTableAndLeavesThemAsTheyWere) {
  sh("rs1",
     "iptables-nft -P INPUT DROP; iptables-nft -A INPUT -i lo -j ACCEPT; "
     "iptables-nft -A INPUT -p icmp -j ACCEPT; iptables-nft -A INPUT -p tcp --dport 80 -j ACCEPT; "
     "nft add table inet guard; nft add chain inet guard entry "
     "'{ type filter hook input priority 5; policy drop; }'; "
     "nft add rule inet guard entry iif lo accept; "
     "nft add rule inet guard entry tcp dport 80 accept");
  const std::string before = sh("rs1", "nft -s list ruleset");
  ours("apply", 0);
  ours("check", 0);
  expect_a_page();
  // A BPF program takes the packets before any firewall sees them: nothing of ours is in there.
  if (std::string(GetParam().decap) == "process") expect_that_a_flush_is_seen();
  ours("revert", 0);
  EXPECT_EQ(sh("rs1", "nft -s list ruleset"), before);
}

INSTANTIATE_TEST_SUITE_P(All, FirewallTun,
                         testing::Values(Case{"bpf", 0}, Case{"bpf", 1}, Case{"bpf", 2},
                                         Case{"process", 0}, Case{"process", 1},
                                         Case{"process", 2}),
                         [](const auto& given) {
                           return std::string(given.param.decap) + "_rp_filter_" +
                                  std::to_string(given.param.rp_filter);
                         });

}  // namespace
}  // namespace lvs::test
