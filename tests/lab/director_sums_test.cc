#include <algorithm>

#include "net/json/json.h"
#include "tests/lab/director_figures.h"
#include "tests/lab/role_lab.h"

// What the director forwarded, judged where it arrives by tcpdump and by the kernel there, with
// checksum offload off at every NIC on the way, so that each packet carries the sums that its
// receiver has to check. The client's offloads are on in one run, so that the director gets
// super-packets with unfinished sums, and off in the other.

namespace lvs::test {
namespace {

constexpr const char* kNat = R"(
name = "sums-nat"
[[service]]
vip = "192.168.1.91"
port = 80
method = "nat"
scheduler = "rr"
servers = [{ host = "rs1", port = 8080 }]
[[service]]
vip = "192.168.1.91"
port = 5353
protocol = "udp"
method = "nat"
scheduler = "rr"
servers = [{ host = "rs1", port = 5300 }]
[host.lb1]
role = "director"
nics = [{ name = "eth0", address = "192.168.1.91/24", outside = true },
        { name = "eth1", address = "192.168.3.1/24" }]
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.3.2/24"
)";

constexpr const char* kTun = R"(
name = "sums-tun"
[[service]]
vip = "192.168.1.99"
port = 80
method = "tun"
scheduler = "rr"
servers = ["rs1"]
[[service]]
vip = "192.168.1.99"
port = 5353
protocol = "udp"
method = "tun"
scheduler = "rr"
servers = ["rs1"]
[host.lb1]
role = "director"
interface = "eth0"
address = "192.168.1.90/24"
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.1.91/24"
)";

struct Case {
  std::string name;
  const char* profile;
  std::string vip;
  bool client_offloads;

  friend std::ostream& operator<<(std::ostream& out, const Case& one) { return out << one.name; }
};

class DirectorSums : public RoleLab, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(up(GetParam().profile));
    if (IsSkipped()) return;
    our_command("apply", "rs1");
    cluster().run_director();
    offloads_off("lb1");
    offloads_off("rs1");
    if (!GetParam().client_offloads) offloads_off("client");
    sh("client", "head -c 60000 /dev/urandom > " + (cluster().scratch() / "sent").string());
  }

  /// Sending: the kernel there makes every sum and cuts every super-packet. Receiving: the kernel
  /// there checks every sum.
  void offloads_off(const std::string& host) {
    sh(host,
       "for nic in $(ip -br link | grep -o '^eth[0-9]*'); do "
       "ethtool -K $nic tx off tso off gso off rx off gro off; done");
  }
  void upload() {
    sh("client", "curl --silent --show-error --fail --max-time 20 --upload-file " +
                     (cluster().scratch() / "sent").string() + " http://" + GetParam().vip +
                     "/upload");
  }
  /// Linux sends datagrams with DF: one that is too long for a tunnel is sent a second time.
  void send_datagrams() {
    sh("client",
       "perl -e 'use IO::Socket::INET; for $l (1, 2, 9, 100, 1471, 1472, 3001) {"
       "$s = IO::Socket::INET->new(Proto => q(udp), PeerAddr => q(" +
           GetParam().vip +
           ":5353)) or die; $SIG{ALRM} = sub { die }; alarm 10; for (1, 2) {"
           "$s->send(q(x) x $l); last if defined $s->recv($b, 65535); } }'");
  }
  /// A counter of the kernel on this host, from /proc/net/snmp: "Tcp InCsumErrors".
  std::string counter(const std::string& host, const std::string& protocol) {
    return sh(host, "nstat -asz " + protocol + "InCsumErrors | awk '/CsumErrors/ { print $2 }'");
  }

  /// Frames that the director's kernel did not take.
  std::int64_t refused() {
    const auto listed = parse_json(cluster().ok_on("lb1", {"lvs-director", "list", "--json"}));
    EXPECT_TRUE(listed);
    return listed ? DirectorFigures(*listed).dropped("send_failed") : -1;
  }

  static std::size_t lines_with(const std::vector<std::string>& lines, const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        lines, [&](const std::string& line) { return line.find(text) != std::string::npos; }));
  }
  /// Every packet has sums, and all are right.
  static void expect_right_sums(const std::vector<std::string>& lines, std::size_t at_least) {
    EXPECT_GE(lines_with(lines, "(correct)") + lines_with(lines, "[udp sum ok]"), at_least);
    for (const char* const wrong : {"incorrect", "bad udp cksum", "bad cksum", "[no cksum]"})
      EXPECT_EQ(lines_with(lines, wrong), 0u) << wrong;
  }
};

TEST_P(DirectorSums, OfEveryForwardedPacketAreRightWhereItArrives) {
  const std::vector<std::string> judging{"-Q", "in", "-s", "0", "-vv"};
  auto at_server = cluster().listen("rs1", "ip and (tcp or udp or proto 4)", judging);
  auto at_client = cluster().listen("client", "ip and (tcp or udp)", judging);
  upload();
  send_datagrams();
  EXPECT_EQ(refused(), 0) << "a NIC that cuts no super-packets gets them all the same";
  expect_right_sums(at_server->stop(), 40);
  expect_right_sums(at_client->stop(), 8);
  for (const char* const host : {"rs1", "client"})
    for (const char* const protocol : {"Tcp", "Udp"})
      EXPECT_EQ(counter(host, protocol), "0\n") << host << " " << protocol;
  EXPECT_EQ(
      sh("client", "find " + cluster().scratch().string() + " -name upload -type f | xargs cmp " +
                       (cluster().scratch() / "sent").string()),
      "");
}

/// The control of the test above: tcpdump and the kernel do notice a sum that is wrong.
class DirectorSumsControl : public DirectorSums {};
TEST_P(DirectorSumsControl, ThatAreWrongArriveWrongAndAreNoticed) {
  auto at_server =
      cluster().listen("rs1", "ip and (udp or proto 4)", {"-Q", "in", "-s", "0", "-vv"});
  // A raw socket leaves the UDP header as it is given: 5 bytes from port 4000 to 5353, sum 0x1234.
  sh("client",
     "perl -e 'use Socket; socket(S, AF_INET, SOCK_RAW, 17) or die; "
     "send(S, pack(q(nnnn), 4000, 5353, 13, 0x1234) . q(hello), 0, "
     "sockaddr_in(0, inet_aton(q(" +
         GetParam().vip + ")))) or die'");
  const auto noticed = before_long();
  while (counter("rs1", "Udp") != "1\n")
    ASSERT_LT(std::chrono::steady_clock::now(), noticed) << "the server's kernel noticed nothing";
  EXPECT_EQ(lines_with(at_server->stop(), "bad udp cksum"), 1u);
}

const auto kCases = [] {
  return testing::Values(Case{"Nat", kNat, "192.168.1.91", false},
                         Case{"Tun", kTun, "192.168.1.99", false});
};
const auto kSuperPacketCases = [] {
  return testing::Values(Case{"NatSuperPackets", kNat, "192.168.1.91", true},
                         Case{"TunSuperPackets", kTun, "192.168.1.99", true});
};
constexpr auto kName = [](const auto& test) { return test.param.name; };
INSTANTIATE_TEST_SUITE_P(All, DirectorSums, kCases(), kName);
INSTANTIATE_TEST_SUITE_P(Offloaded, DirectorSums, kSuperPacketCases(), kName);
INSTANTIATE_TEST_SUITE_P(All, DirectorSumsControl, kCases(), kName);

}  // namespace
}  // namespace lvs::test
