#include "tests/lab/method_lab.h"

// What IPv6 alone has: headers between IP's and the transport's, and routers that are known by a
// link-local address.

namespace lvs::test {
namespace {

const ServiceOfLab kWeb{.first_real_port = 8080};

Shape ipv6(const char* name, const char* method) {
  return {.name = name, .method = method, .vip = Family::Ipv6, .server = Family::Ipv6};
}

class DirectorIpv6 : public MethodLab, public testing::WithParamInterface<Shape> {
 protected:
  void SetUp() override { run(GetParam(), {kWeb}); }
  std::string vip() const { return vip_of(GetParam()); }

  /// PUT /upload of a file, in packets that all have destination options; nginx's status line.
  std::string put_with_destination_options(const std::string& file) {
    // 41 and 59: IPPROTO_IPV6, IPV6_DSTOPTS. One unit of eight bytes, filled up by PadN.
    const std::string script =
        "use IO::Socket::IP; open $f, q(<), q(" + file +
        ") or die; local $/; $d = <$f>; "
        "$s = IO::Socket::IP->new(PeerHost => q(" +
        vip() +
        "), PeerPort => 80, Sockopts => [[41, 59, pack(q(C*), 0, 0, 1, 4, 0, 0, 0, 0)]]) "
        "or die qq($@\\n); $SIG{ALRM} = sub { die qq(no answer\\n) }; alarm 30; "
        "print $s qq(PUT /upload HTTP/1.0\\r\\nContent-Length: ) . length($d) . "
        "qq(\\r\\n\\r\\n) . $d; $s->flush; $a = <$s>; print substr $a, 0, 12;";
    return sh("client", "perl -e '" + script + "'");
  }
};

class DirectorIpv6Nat : public DirectorIpv6 {};

TEST_P(DirectorIpv6, CarriesPacketsWithExtensionHeaders) {
  const auto arrived = cluster().listen("lb1", "ip6[6] == 60 and dst host " + vip());
  ASSERT_NE(arrived, nullptr);
  const std::string file = random_file(3'000'000);
  EXPECT_EQ(put_with_destination_options(file), "HTTP/1.1 201");
  EXPECT_EQ(checksum("client", uploaded()), checksum("client", file));
  EXPECT_FALSE(arrived->stop().empty()) << "the packets did have destination options";
  expect_conserved();
}

TEST_P(DirectorIpv6Nat, AnswersClientsBehindARouterThatHasALinkLocalAddress) {
  const std::string local = sh(
      "client", "ip -6 -o address show dev eth0 scope link | sed 's/.*inet6 \\([^/]*\\).*/\\1/'");
  sh("client", "ip address add 2001:db8:77::1/128 dev lo");
  sh("lb1", "ip route add 2001:db8:77::/64 dev eth0 via " + local);
  const std::string url = url_of(GetParam()) + "/";
  for (const char* server : {"rs2\n", "rs1\n"})
    EXPECT_EQ(curl(url, "--interface 2001:db8:77::1"), server);
  expect_conserved();
}

INSTANTIATE_TEST_SUITE_P(All, DirectorIpv6,
                         testing::Values(ipv6("Dr", "dr"), ipv6("Nat", "nat"), ipv6("Tun", "tun")),
                         [](const auto& test) { return test.param.name; });
INSTANTIATE_TEST_SUITE_P(All, DirectorIpv6Nat, testing::Values(ipv6("Nat", "nat")),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lvs::test
