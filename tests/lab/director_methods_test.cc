#include <algorithm>
#include <set>

#include "net/json/json.h"
#include "tests/lab/role_lab.h"

// A director of each method and family, with programs that are not ours: curl and nginx, 100 MB
// both ways with offloads on, and datagrams. What is judged is what arrived.

namespace lvs::test {
namespace {

constexpr const char* kNat4 = R"(
name = "nat-four"
[[service]]
vip = "192.168.1.91"
ports = [80, 443]
method = "nat"
scheduler = "rr"
servers = [{ host = "rs1", port = 8080 }, { host = "rs2", port = 8081 }]
[[service]]
vip = "192.168.1.91"
port = 5353
protocol = "udp"
method = "nat"
scheduler = "rr"
servers = [{ host = "rs1", port = 5300 }, { host = "rs2", port = 5301 }]
[host.lb1]
role = "director"
nics = [{ name = "eth0", address = "192.168.1.91/24", outside = true },
        { name = "eth1", address = "192.168.3.1/24" }]
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.3.2/24"
[host.rs2]
role = "realserver"
interface = "eth0"
address = "192.168.3.3/24"
)";

/// Client, director and servers on one LAN; the VIP of either family.
std::string tun(const std::string& name, const std::string& vip, const std::string& net,
                const std::string& length) {
  std::string text = "name = \"" + name + "\"\n[[service]]\nvip = \"" + vip +
                     "\"\nport = 80\nmethod = \"tun\"\nscheduler = \"rr\"\n"
                     "servers = [\"rs1\", \"rs2\"]\n";
  if (net.find(':') == std::string::npos)
    text += "[[service]]\nvip = \"" + vip +
            "\"\nport = 5353\nprotocol = \"udp\"\nmethod = \"tun\"\nscheduler = \"rr\"\n"
            "servers = [\"rs1\", \"rs2\"]\n";
  const auto host = [&](const std::string& host_name, const std::string& role,
                        const std::string& last) {
    text += "[host." + host_name + "]\nrole = \"" + role +
            "\"\ninterface = \"eth0\"\naddress = \"" + net + last + "/" + length + "\"\n";
  };
  host("lb1", "director", "90");
  host("rs1", "realserver", "91");
  host("rs2", "realserver", "92");
  return text;
}

struct Case {
  std::string name;
  std::string profile;
  std::string url;
  std::string udp;  ///< the address that answers datagrams on port 5353; empty: none
};

std::string checksum(const std::string& text) { return text.substr(0, 64); }

class DirectorMethods : public RoleLab, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(up(GetParam().profile));
    if (IsSkipped()) return;
    for (const verify::HostPart& part : parts())
      if (part.program == "lvs-realserver") our_command("apply", part.host);
    cluster().run_director();
  }
  void TearDown() override {
    if (HasFailure() && !IsSkipped()) {
      ADD_FAILURE() << cluster().director_log();
      ADD_FAILURE() << cluster().on("lb1", {"lvs-director", "list", "--connections"}).out;
    }
    RoleLab::TearDown();
  }

  std::string curl(const std::string& more) {
    return sh("client",
              "curl --globoff --silent --show-error --fail --http1.1 --max-time 60 " + more);
  }
  std::set<std::string> names(int count) {
    std::set<std::string> names;
    for (int i = 0; i < count; ++i) names.insert(curl("'" + GetParam().url + "'"));
    return names;
  }
  void expect_conserved() {
    const auto listed = parse_json(cluster().ok_on("lb1", {"lvs-director", "list", "--json"}));
    ASSERT_TRUE(listed);
    const Json& counters = *listed->find("counters");
    const auto of = [&](std::string_view name) { return *counters.int_at(name); };
    EXPECT_EQ(of("received"),
              of("forward") + of("local") + of("kernel") + of("answer") + of("drop"));
    EXPECT_GT(of("forward"), 0);
  }
};

TEST_P(DirectorMethods, ServesEveryServerInTurn) {
  EXPECT_EQ(names(6), (std::set<std::string>{"rs1\n", "rs2\n"}));
  expect_conserved();
}

TEST_P(DirectorMethods, Carries100MegabytesDown) {
  const std::string big = checksum(sh(
      "client", "find " + cluster().scratch().string() + " -name big -type f | xargs sha256sum"));
  EXPECT_EQ(checksum(curl("'" + GetParam().url + "big' | sha256sum")), big);
  expect_conserved();
}

TEST_P(DirectorMethods, Carries100MegabytesUp) {
  const std::string file = cluster().scratch() / "sent";
  sh("client", "head -c 100000000 /dev/urandom > " + file);
  curl("--upload-file " + file + " '" + GetParam().url + "upload'");
  const std::string sums = sh(
      "client", "find " + cluster().scratch().string() + " -name upload -type f | xargs sha256sum");
  EXPECT_EQ(checksum(sums), checksum(sh("client", "sha256sum " + file)));
  expect_conserved();
}

TEST_P(DirectorMethods, CarriesDatagramsAlsoThoseThatAreFragmented) {
  if (GetParam().udp.empty()) GTEST_SKIP() << "the lab's echo server speaks IPv4 alone";
  for (const int length : {5, 1472, 3000, 60000}) {
    // Single quotes are the shell's. Linux sends datagrams with DF: the first that is too long for
    // a tunnel is answered with the right MTU, which the second keeps to.
    const std::string script =
        "use IO::Socket::INET; $s = IO::Socket::INET->new(Proto => q(udp), PeerAddr => q(" +
        GetParam().udp +
        ":5353)) or die; $SIG{ALRM} = sub { die qq(no answer\\n) }; alarm 10; for (1, 2) { "
        "$s->send(q(x) x " +
        std::to_string(length) +
        "); last if defined $s->recv($b, 65535); } $b =~ s/^rs[12] //; print length $b;";
    EXPECT_EQ(sh("client", "perl -e '" + script + "'"), std::to_string(length));
  }
  expect_conserved();
}

INSTANTIATE_TEST_SUITE_P(
    All, DirectorMethods,
    testing::Values(Case{"Nat4", kNat4, "http://192.168.1.91/", "192.168.1.91"},
                    Case{"Tun4", tun("tun-four", "192.168.1.99", "192.168.1.", "24"),
                         "http://192.168.1.99/", "192.168.1.99"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lvs::test
