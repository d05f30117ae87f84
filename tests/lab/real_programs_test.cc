#include "net/json/json.h"
#include "net/linux/process.h"
#include "tests/lab/log_watch.h"
#include "tests/lab/method_lab.h"

// Programs that are nobody's test programs, through every method and both families: dig asks
// dnsmasq, curl a TLS server, iperf3 itself. (curl and nginx: director_methods_test.cc.)

namespace lvs::test {
namespace {

const ServiceOfLab kDnsByUdp{.protocol = "udp", .port = 53, .has_lab_programs = false};
const ServiceOfLab kDnsByTcp{.port = 53, .has_lab_programs = false};
const ServiceOfLab kTls{.port = 443, .first_real_port = 4430, .has_lab_programs = false};
// Of one server: iperf3 has a connection for control and others for data.
const ServiceOfLab kIperfByTcp{.port = 5201, .has_lab_programs = false, .servers = {"rs1"}};
const ServiceOfLab kIperfByUdp{
    .protocol = "udp", .port = 5201, .has_lab_programs = false, .servers = {"rs1"}};

class RealPrograms : public MethodLab, public testing::WithParamInterface<Shape> {
 protected:
  void SetUp() override { run(GetParam(), {kDnsByUdp, kDnsByTcp, kTls, kIperfByTcp, kIperfByUdp}); }
  void TearDown() override {
    servers_.clear();
    MethodLab::TearDown();
  }

  std::string vip() const { return vip_of(GetParam()); }

  /// Starts a server program on a host; returns when it has said that it is ready.
  void serve(const std::string& host, const std::string& line, const std::string& ready) {
    const std::filesystem::path log =
        cluster().scratch() / ("server-" + std::to_string(servers_.size()) + ".log");
    auto started = linux_net::ChildProcess::start(
        {.path = "sh", .args = {"-c", "exec " + line}, .netns_fd = cluster().netns(host)},
        {.log_path = log});
    ASSERT_TRUE(started) << started.error().what;
    servers_.push_back(*std::move(started));
    ASSERT_TRUE(wait_for_text(ready, log, servers_.back(), std::chrono::seconds(15)))
        << line << "\n"
        << contents(log);
  }

  std::string dig(const std::string& options) {
    return sh("client", "dig @" + vip() + " +short +tries=1 +time=10 " + options + " who.test TXT");
  }
  /// One run of iperf3's client; what its report says at the end about all streams.
  Json iperf3(const std::string& options, const std::string& sum) {
    const auto report = parse_json(sh("client", "iperf3 --json -c " + vip() + " " + options));
    const Json* const end = report ? report->find("end") : nullptr;
    const Json* const found = end != nullptr ? end->find(sum) : nullptr;
    EXPECT_NE(found, nullptr) << "no " << sum << " in the report";
    return found != nullptr ? *found : Json{};
  }

 private:
  std::vector<linux_net::ChildProcess> servers_;
};

TEST_P(RealPrograms, DigAsksDnsmasqByUdpAndTcp) {
  for (const std::string server : {"rs1", "rs2"})
    serve(server,
          "dnsmasq --keep-in-foreground --log-facility=- --conf-file=/dev/null --no-resolv "
          "--no-hosts --pid-file= --user=root --txt-record=who.test," +
              server,
          "started, version");
  const std::set<std::string> both{"\"rs1\"\n", "\"rs2\"\n"};
  EXPECT_EQ((std::set{dig("+notcp"), dig("+notcp")}), both);
  EXPECT_EQ((std::set{dig("+tcp"), dig("+tcp")}), both);
  expect_conserved();
}

TEST_P(RealPrograms, CurlChecksTheCertificateOfATlsServer) {
  const std::string folder = cluster().scratch() / "tls";
  sh("client", "mkdir -p " + folder + "/rs1 " + folder + "/rs2 && cd " + folder +
                   " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                   "-days 2 -subj /CN=service.test -addext subjectAltName=DNS:service.test "
                   "-keyout key -out certificate 2>/dev/null");
  const std::string file = random_file(5'000'000);
  for (const std::string server : {"rs1", "rs2"}) {
    sh("client",
       "cd " + folder + "/" + server + " && echo " + server + " > who && cp " + file + " data");
    serve(server,
          "sh -c 'cd " + folder + "/" + server + " && exec openssl s_server -WWW -accept " +
              std::to_string(real_port(GetParam(), kTls, server)) +
              (GetParam().server == Family::Ipv4 ? " -4" : " -6") +
              " -cert ../certificate -key ../key'",
          "ACCEPT");
  }
  const std::string trust = "--cacert " + folder + "/certificate --resolve service.test:443:" +
                            url_of(GetParam(), "").substr(3);
  const auto get = [&](const std::string& what) {
    return curl("https://service.test/" + what, trust);
  };
  EXPECT_EQ((std::set{get("who"), get("who")}), (std::set<std::string>{"rs1\n", "rs2\n"}));
  const std::string got = cluster().scratch() / "got";
  curl("https://service.test/data", trust + " --output " + got);
  EXPECT_EQ(checksum("client", got), checksum("client", file));
  expect_conserved();
}

TEST_P(RealPrograms, Iperf3RunsBothWaysWithOffloadsOn) {
  ASSERT_NE(sh("client", "ethtool -k eth0").find("tcp-segmentation-offload: on"),
            std::string::npos);
  // Bound to the VIP where the server has it: iperf3 answers datagrams from the address that the
  // kernel chooses, which would be the server's own.
  const bool has_vip = GetParam().method != "nat";
  serve("rs1", "iperf3 --server --forceflush" + (has_vip ? " --bind " + vip() : ""),
        "Server listening");
  // Of what is sent some may be on its way when the client says that this was all.
  EXPECT_GT(iperf3("--bytes 30M", "sum_received").int_at("bytes").value_or(0), 15'000'000);
  EXPECT_LT(counted("forward"), 15'000) << "super-frames came as such, not in 1448-byte segments";
  EXPECT_GT(iperf3("--bytes 30M --reverse", "sum_received").int_at("bytes").value_or(0),
            15'000'000);
  // No more than the server's socket holds while the server does not run: what is lost there is not
  // the director's.
  const Json datagrams = iperf3("--udp --bytes 56000 --bitrate 40M --length 1400", "sum");
  EXPECT_GE(datagrams.int_at("packets").value_or(0), 40);
  EXPECT_EQ(datagrams.int_at("lost_packets").value_or(-1), 0);
  expect_conserved();
}

INSTANTIATE_TEST_SUITE_P(All, RealPrograms, testing::ValuesIn(every_shape()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lvs::test
