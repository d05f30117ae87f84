// Packets of one flow that the receiving link puts together (GRO) before the decapsulator sees
// them: the kernel's offload code is there also where its tunnel devices are not.

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <future>

#include "net/linux/link_features.h"
#include "net/linux/packet_socket.h"
#include "profiles/io/abilities.h"
#include "tests/lab/decap_lab.h"

namespace lvs::profiles {
namespace {

constexpr std::size_t kUploadBytes = 12'000'000;

/// Frames that no wire could have carried as one.
constexpr std::array<sock_filter, 4> kSuperPackets{{{BPF_LD | BPF_W | BPF_LEN, 0, 0, 0},
                                                    {BPF_JMP | BPF_JGT | BPF_K, 0, 1, 1600},
                                                    {BPF_RET | BPF_K, 0, 0, 0xffffffff},
                                                    {BPF_RET | BPF_K, 0, 0, 0}}};

struct Upload {
  bool is_whole = false;
  std::string error;
  std::uint32_t segments = 0;
  std::uint32_t sent_again = 0;
};

UniqueFd tcp_listener(const IpAddr& vip) {
  UniqueFd fd = open_socket(vip, SOCK_STREAM);
  return bind_to(fd, vip) && ::listen(fd.get(), 1) == 0 ? std::move(fd) : UniqueFd();
}

/// From the client's kernel to `vip`, through the tunnel.
Upload upload(const NetNamespace& client, const IpAddr& vip, const UniqueFd& listener) {
  const std::string sent = pattern(kUploadBytes, 1);
  auto served = std::async(std::launch::async, [&] {
    const UniqueFd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    return receive_all(connection.get()) == sent;
  });
  Upload result;
  {
    const Inside inside(client);
    const UniqueFd fd = open_socket(vip, SOCK_STREAM);
    if (!connect_to(fd, vip) || !send_all(fd.get(), sent))
      result.error = std::string("send: ") + strerror(errno);
    receive_all(fd.get());  // until the server has everything
    tcp_info about{};
    socklen_t size = sizeof about;
    ::getsockopt(fd.get(), IPPROTO_TCP, TCP_INFO, &about, &size);
    result.segments = about.tcpi_segs_out;
    result.sent_again = about.tcpi_total_retrans;
  }
  result.is_whole = served.get();
  return result;
}

class EachTunnelWithGro : public DecapLab, public testing::WithParamInterface<DecapCase> {
 protected:
  /// The receiver merges what comes within a millisecond: on a veth each frame has a poll of its
  /// own, so that nothing would be merged without the wait.
  void switch_gro_on(const std::string& more) {
    {
      const Inside inside(*client_);
      ASSERT_EQ(shell("ethtool -K wire0 tso off gso off"), "");
    }
    ASSERT_EQ(shell("ethtool -K eth0 gro on " + more), "");
    const std::string waits = shell(
        "unshare -m sh -c 'mount -t sysfs none /sys && cd /sys/class/net/eth0 && "
        "echo 1000000 > gro_flush_timeout && echo 100 > napi_defer_hard_irqs'");
    if (!waits.empty()) GTEST_SKIP() << "needs the right to set gro_flush_timeout: " << waits;
  }
  void expect_upload(const IpAddr& vip) { expect_upload(vip, tcp_listener(vip)); }
  void expect_upload(const IpAddr& vip, const UniqueFd& listener) {
    ASSERT_TRUE(listener) << strerror(errno);
    auto tap = linux_net::PacketSocket::open(link("eth0").index,
                                             {.filter = kSuperPackets, .ignore_outgoing = true});
    ASSERT_TRUE(tap) << tap.error().what;
    const Upload result = upload(*client_, vip, listener);
    EXPECT_TRUE(result.is_whole) << result.error;
    // The test's own director loses some when the machine is busy; a receiver that throws merged
    // packets away has every second one sent again.
    EXPECT_LT(result.sent_again, result.segments / 5) << "of " << result.segments;
    const auto merged = tap->receive_until(std::chrono::steady_clock::now());
    ASSERT_TRUE(merged) << merged.error().what;
    EXPECT_TRUE(merged->has_value()) << "control: nothing was merged";
  }
};

TEST_P(EachTunnelWithGro, CarriesMergedPacketsWhole) {
  make(GetParam().way);
  if (IsSkipped() || HasFatalFailure()) return;
  direct(wrapping(GetParam(), Family::Ipv4), wrapping(GetParam(), Family::Ipv6), false);
  if (IsSkipped() || HasFatalFailure()) return;
  switch_gro_on("");
  if (IsSkipped() || HasFatalFailure()) return;
  expect_upload(kVip4);
  expect_upload(kVip6);
}

/// The VIP is in a container behind the real server, on a link that takes no super-packets: the
/// kernel has to part them again.
class ForwardedWithGro : public EachTunnelWithGro {};

TEST_P(ForwardedWithGro, MergedPacketsArePartedAgain) {
  make(GetParam().way);
  if (IsSkipped() || HasFatalFailure()) return;
  const NetNamespace container = another_namespace();
  connect("back0", container, "cont0");
  ASSERT_EQ(shell("ip addr del 198.51.100.9/32 dev lo && ip addr add 10.1.0.1/24 dev back0 && "
                  "ip route add 198.51.100.9 via 10.1.0.2 && ethtool -K back0 tso off gso off && "
                  "echo 1 > /proc/sys/net/ipv4/ip_forward"),
            "");
  UniqueFd listener;
  {
    const Inside inside(container);
    ASSERT_EQ(shell("ip addr add 10.1.0.2/24 dev cont0 && ip addr add 198.51.100.9/32 dev lo && "
                    "ip route add default via 10.1.0.1"),
              "");
    listener = tcp_listener(kVip4);
  }
  direct(wrapping(GetParam(), Family::Ipv4), {}, false);
  if (IsSkipped() || HasFatalFailure()) return;
  switch_gro_on("");
  if (IsSkipped() || HasFatalFailure()) return;
  expect_upload(kVip4, listener);
}

INSTANTIATE_TEST_SUITE_P(All, ForwardedWithGro,
                         testing::Values(DecapCase{Way::Bpf, TunnelType::Ipip, Family::Ipv4, false},
                                         DecapCase{Way::Bpf, TunnelType::Ipip, Family::Ipv6, false},
                                         DecapCase{Way::Bpf, TunnelType::Gre, Family::Ipv4, false},
                                         DecapCase{Way::Bpf, TunnelType::Gre, Family::Ipv6, false}),
                         name_of);

/// Whole datagrams of one tunnel are merged only where they have a checksum, and where a feature
/// is on that is off by default.
class EachGueWithGro : public EachTunnelWithGro {
 protected:
  static Wrapping with_checksum(Family inner) {
    Wrapping made = wrapping(GetParam(), inner);
    made.with_udp_checksum = true;
    return made;
  }
  void carry(const std::string& feature) {
    make(GetParam().way);
    if (IsSkipped() || HasFatalFailure()) return;
    direct(with_checksum(Family::Ipv4), with_checksum(Family::Ipv6), false);
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_FALSE(linux_net::has_feature("eth0", feature));
    switch_gro_on(feature + " on");
    if (IsSkipped() || HasFatalFailure()) return;
    EXPECT_TRUE(linux_net::has_feature("eth0", feature));
    EXPECT_EQ(read_abilities(*routes_)->merging_udp, std::vector<std::string>{"eth0"});
    expect_upload(kVip4);
    expect_upload(kVip6);
  }
};

TEST_P(EachGueWithGro, ComesWholeWhenDatagramsAreMergedForForwarding) {
  carry("rx-udp-gro-forwarding");
}

TEST_P(EachGueWithGro, ComesWholeWhenDatagramsAreMergedAsLists) { carry("rx-gro-list"); }

INSTANTIATE_TEST_SUITE_P(
    All, EachGueWithGro,
    testing::Values(DecapCase{Way::Process, TunnelType::Gue, Family::Ipv4, false},
                    DecapCase{Way::Process, TunnelType::Gue, Family::Ipv6, true}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    All, EachTunnelWithGro,
    testing::Values(DecapCase{Way::Bpf, TunnelType::Ipip, Family::Ipv4, false},
                    DecapCase{Way::Bpf, TunnelType::Ipip, Family::Ipv6, false},
                    DecapCase{Way::Bpf, TunnelType::Gre, Family::Ipv4, false},
                    DecapCase{Way::Bpf, TunnelType::Gre, Family::Ipv6, false},
                    DecapCase{Way::Process, TunnelType::Ipip, Family::Ipv4, false},
                    DecapCase{Way::Process, TunnelType::Ipip, Family::Ipv6, false},
                    DecapCase{Way::Process, TunnelType::Gre, Family::Ipv4, false},
                    DecapCase{Way::Process, TunnelType::Gre, Family::Ipv6, false}),
    name_of);

}  // namespace
}  // namespace lvs::profiles
