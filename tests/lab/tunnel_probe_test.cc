// The probe with a decapsulator of the test's own: a raw socket that takes protocol 4 as the
// firewall lets it pass, and gives the inner packet to the kernel.

#include "profiles/io/tunnel_probe.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

#include "net/linux/fd.h"
#include "net/linux/rtnetlink.h"
#include "net/linux/sysctl.h"
#include "profiles/io/firewall/inner_capture.h"
#include "profiles/io/firewall/tunnel_frame.h"
#include "tests/lab/linux_support.h"
#include "tests/lab/shell.h"

namespace lvs::profiles {
namespace {

using test::output_of;
using Bytes = std::vector<std::uint8_t>;

constexpr Ipv4Addr kDip(192, 168, 1, 90);
constexpr Ipv4Addr kRip(192, 168, 1, 91);
constexpr Ipv4Addr kVip(192, 168, 1, 99);

/// Takes packets of protocol 4 out of their outer header until it goes away.
class Decapsulator {
 public:
  Decapsulator()
      : in_(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IPIP)),
        out_(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW)),
        thread_([this] { run(); }) {}
  Decapsulator(const Decapsulator&) = delete;
  Decapsulator& operator=(const Decapsulator&) = delete;
  Decapsulator(Decapsulator&&) = delete;
  Decapsulator& operator=(Decapsulator&&) = delete;
  ~Decapsulator() {
    stop_ = true;
    thread_.join();
  }

 private:
  void run() {
    constexpr std::size_t header_bytes = 20;
    while (!stop_) {
      pollfd waiting{in_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 20) <= 0) continue;
      std::array<char, 2048> packet{};
      const ssize_t size = ::recv(in_.get(), packet.data(), packet.size(), MSG_DONTWAIT);
      if (size <= static_cast<ssize_t>(2 * header_bytes)) continue;
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_addr.s_addr = htonl(kVip.number());
      sockaddr raw{};
      std::memcpy(&raw, &to, sizeof raw);
      ::sendto(out_.get(), packet.data() + header_bytes,
               static_cast<std::size_t>(size) - header_bytes, 0, &raw, sizeof raw);
    }
  }

  linux_net::UniqueFd in_;
  linux_net::UniqueFd out_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

class TunnelProbing : public linux_net::OwnNamespace {
 protected:
  void SetUp() override {
    OwnNamespace::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    other_.emplace(another_namespace());
    connect("eth0", *other_, "peer");
    output_of("ip", {"address", "add", "192.168.1.91/24", "dev", "eth0"});
    output_of("ip", {"address", "add", "192.168.1.99/32", "dev", "lo"});
    output_of("ip", {"link", "set", "lo", "up"});
  }
  static Result<StepNote> probe() {
    return probe_tunnel({"eth0", DecapTarget{kRip, TunnelType::Ipip, {}}, kDip, kVip});
  }
  /// What went wrong; skips the test where nothing may be injected.
  static std::string failure() {
    const auto done = probe();
    if (done && done->skipped) return "skipped: " + done->text;
    return done ? "" : done.error().what;
  }
  static std::string ruleset() { return output_of("nft", {"list", "ruleset"}); }

  std::optional<linux_net::NetNamespace> other_;
};

#define LVS_PROBE_OR_SKIP(text)       \
  const std::string text = failure(); \
  if ((text).starts_with("skipped: ")) GTEST_SKIP() << (text)

TEST_F(TunnelProbing, WhatArrivesIsProven) {
  const Decapsulator decapsulator;
  LVS_PROBE_OR_SKIP(text);
  EXPECT_EQ(text, "");
}

TEST_F(TunnelProbing, NobodyDecapsulates) {
  LVS_PROBE_OR_SKIP(text);
  EXPECT_TRUE(
      text.starts_with("a tunnel packet from 192.168.1.90 to 192.168.1.91 on eth0 did not "
                       "bring its inner packet to 192.168.1.99: "))
      << text;
}

TEST_F(TunnelProbing, TheChainThatDropsIsNamedAndTheTraceLeavesNothing) {
  const Decapsulator decapsulator;
  output_of("iptables-nft", {"-P", "INPUT", "DROP"});
  const std::string before = ruleset();
  LVS_PROBE_OR_SKIP(text);
  EXPECT_TRUE(text.ends_with("nf_tables table ip filter, chain INPUT (policy drop) dropped it"))
      << text;
  EXPECT_EQ(ruleset(), before);
}

TEST_F(TunnelProbing, TheRuleThatDropsIsNamed) {
  const Decapsulator decapsulator;
  output_of("nft", {"-f", "-"},
            "table inet guard {\n chain entry { type filter hook input priority 5;\n"
            "  ip protocol 4 drop\n }\n}\n");
  LVS_PROBE_OR_SKIP(text);
  EXPECT_NE(text.find("nf_tables table inet guard, chain entry (rule handle "), std::string::npos)
      << text;
}

TEST_F(TunnelProbing, AClosedProbePortIsNoFailure) {
  const Decapsulator decapsulator;
  output_of("nft", {"-f", "-"},
            "table inet guard {\n chain entry { type filter hook prerouting priority 5;\n"
            "  iif != \"lo\" accept\n  meta l4proto udp drop\n }\n}\n");
  const auto done = probe();
  ASSERT_TRUE(done) << done.error().what;
  if (done->skipped) GTEST_SKIP() << done->text;
  EXPECT_TRUE(done->text.starts_with("decapsulated; the UDP packet inside")) << done->text;
}

TEST_F(TunnelProbing, APolicyThatClosesTheProbePortIsNoFailure) {
  const Decapsulator decapsulator;
  output_of("iptables-nft", {"-P", "INPUT", "DROP"});
  output_of("iptables-nft", {"-A", "INPUT", "-p", "4", "-j", "ACCEPT"});
  const auto done = probe();
  ASSERT_TRUE(done) << done.error().what;
  if (done->skipped) GTEST_SKIP() << done->text;
  EXPECT_NE(done->text.find("chain INPUT (policy drop)"), std::string::npos) << done->text;
}

TEST_F(TunnelProbing, TheReversePathFilterIsNamed) {
  const Decapsulator decapsulator;
  ASSERT_TRUE(linux_net::write_sysctl("net/ipv4/conf/eth0/rp_filter", "1"));
  output_of("ip", {"route", "add", "192.168.1.90/32", "dev", "lo"});
  LVS_PROBE_OR_SKIP(text);
  EXPECT_NE(text.find("the reverse path filter dropped it (rp_filter: all="), std::string::npos)
      << text;
  EXPECT_NE(text.find("eth0=1"), std::string::npos) << text;
}

/// True when the packet inside a tunnel packet was seen by itself. The deadline is met only where
/// nothing came out.
bool inner_seen(const Bytes& nonce) {
  auto capture = InnerCapture::start(IpAddr{kVip}, Port{9});
  auto route = linux_net::RouteSocket::open();
  if (!capture || !route) return false;
  const auto link = route->link_named("eth0");
  if (!link) return false;
  TunnelFrame frame;
  frame.to = link->mac;
  frame.from = MacAddr{{2, 0, 0, 0, 0, 9}};
  frame.director = kDip;
  frame.target = DecapTarget{kRip, TunnelType::Ipip, {}};
  frame.inner_source = kDip;
  frame.vip = kVip;
  frame.port = Port{9};
  frame.payload = nonce;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (std::chrono::steady_clock::now() < end) {
    if (!linux_net::inject_as_received(link->index, bytes_of(frame))) return false;
    if (capture->saw(nonce)) return true;
    ::poll(nullptr, 0, 20);
  }
  return false;
}

TEST_F(TunnelProbing, WhatComesOutIsSeenThoughAFirewallDropsIt) {
  const Bytes nonce{1, 3, 5, 7, 9, 11, 13, 15};
  EXPECT_FALSE(inner_seen(nonce)) << "inside the tunnel it does not count";
  LVS_PROBE_OR_SKIP(text);
  output_of("nft", {"-f", "-"},
            "table inet guard {\n chain entry { type filter hook prerouting priority -400;\n"
            "  meta l4proto udp drop\n }\n}\n");
  const Decapsulator decapsulator;
  EXPECT_TRUE(inner_seen(nonce));
}

}  // namespace
}  // namespace lvs::profiles
