#include "tests/lab/method_lab.h"

// A director that reaches its servers by each type of tunnel, within and across the families. The
// servers take the packets out by our BPF program or by our process; curl and nginx say whether
// what came out is what went in.

namespace lvs::test {
namespace {

const ServiceOfLab kWeb{};
const ServiceOfLab kEcho{.protocol = "udp", .port = 5353};

struct Tunnel {
  Shape shape;
  int inner_mtu = 0;  ///< what a path of 1500 bytes leaves for the clients' packets
};

void PrintTo(const Tunnel& tunnel, std::ostream* out) { PrintTo(tunnel.shape, out); }

Tunnel tunnel(const char* name, Family vip, Family server, const char* said, int inner_mtu,
              const char* decap = "") {
  return {
      {.name = name, .method = "tun", .vip = vip, .server = server, .tunnel = said, .decap = decap},
      inner_mtu};
}

class DirectorTunnels : public MethodLab, public testing::WithParamInterface<Tunnel> {
 protected:
  void SetUp() override { run(GetParam().shape, {kWeb, kEcho}); }
  std::string vip() const { return vip_of(GetParam().shape); }
  std::string url() const { return url_of(GetParam().shape) + "/"; }
};

TEST_P(DirectorTunnels, CarryUploadsWhoseSenderLearnsTheMtuThatIsLeft) {
  EXPECT_EQ(answers(url(), 4), (std::set<std::string>{"rs1\n", "rs2\n"}));
  EXPECT_EQ(sh("client", "ip route get " + vip()).find(" mtu "), std::string::npos)
      << "nothing is known of the path before something was too long for it";
  const std::string file = random_file(5'000'000);
  curl(url() + "upload", "--upload-file " + file);
  EXPECT_EQ(checksum("client", uploaded()), checksum("client", file));
  const std::string learnt = sh("client", "ip route get " + vip());
  const std::string wanted = " mtu " + std::to_string(GetParam().inner_mtu) + " ";
  EXPECT_NE(learnt.find(wanted), std::string::npos) << learnt << "without" << wanted;
  expect_conserved();
}

TEST_P(DirectorTunnels, CarryDatagramsAlsoThoseThatAreFragmented) {
  for (const int length : {5, 1472, 3000, 60000})
    EXPECT_EQ(echoed_length(vip(), kEcho.port, length), std::to_string(length));
  expect_conserved();
}

constexpr Family k4 = Family::Ipv4, k6 = Family::Ipv6;
INSTANTIATE_TEST_SUITE_P(
    All, DirectorTunnels,
    testing::Values(tunnel("Ipip4", k4, k4, "", 1480), tunnel("Ipip6", k6, k6, "", 1460),
                    tunnel("V4InV6", k4, k6, "", 1460), tunnel("V6InV4", k6, k4, "", 1480),
                    tunnel("Gue4", k4, k4, R"({ type = "gue" })", 1468),
                    tunnel("Gue6Checksum", k6, k6, R"({ type = "gue", checksum = true })", 1448),
                    tunnel("GueV4InV6Process", k4, k6, R"({ type = "gue", port = 6666 })", 1448,
                           "process"),
                    tunnel("Gre4Checksum", k4, k4, R"({ type = "gre", checksum = true })", 1472),
                    tunnel("Gre6", k6, k6, R"({ type = "gre" })", 1456),
                    tunnel("GreV6InV4Process", k6, k4, R"({ type = "gre" })", 1476, "process")),
    [](const auto& test) { return test.param.shape.name; });

}  // namespace
}  // namespace lvs::test
