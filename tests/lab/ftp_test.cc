#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "net/json/json.h"
#include "tests/lab/ftp_lab.h"

// FTP with programs that are not ours, curl and vsftpd: active and passive, list, download and
// upload, through `nat`, where the director helps, and through `dr` and `tun`, where persistence
// keeps a client's data with its control connection. Judged by what arrived and by what the client
// saw on the wire.

namespace lvs::test {
namespace {

// curl is told to believe the address that an answer to PASV gives; else it uses the one it has.
constexpr const char* kPort = "--ftp-port eth0 --disable-eprt";
constexpr const char* kExtendedPort = "--ftp-port eth0";
constexpr const char* kPassive = "--disable-epsv --no-ftp-skip-pasv-ip";
constexpr const char* kExtendedPassive = "--ftp-pasv";

/// PORT and PASV can only say addresses of IPv4.
std::vector<const char*> modes(Family family) {
  if (family == Family::Ipv6) return {kExtendedPort, kExtendedPassive};
  return {kPort, kExtendedPort, kPassive, kExtendedPassive};
}

std::string sum_of(const std::vector<std::string>& lines) {
  std::string all;
  for (const std::string& line : lines) all += line + "\n";
  return all;
}

class FtpThroughNat : public FtpLab {
 protected:
  std::int64_t counted(std::string_view name) {
    const auto listed = parse_json(cluster().ok_on("lb1", {"lvs-director", "list", "--json"}));
    const Json* const ftp = listed ? listed->find("ftp") : nullptr;
    return ftp == nullptr ? -1 : ftp->int_at(name).value_or(-1);
  }
};

TEST_F(FtpThroughNat, Ipv4ActiveAndPassive) {
  run_ftp({.name = "FtpNat4", .method = "nat"});
  if (IsSkipped()) return;
  const auto seen = cluster().listen("client", "ip and tcp");
  for (const char* const mode : modes(Family::Ipv4)) expect_transfers(mode);
  const std::string packets = sum_of(seen->stop());
  EXPECT_NE(packets.find(" 192.168.1.91.20 > "), std::string::npos) << "active data of the VIP";
  EXPECT_EQ(packets.find("192.168.3."), std::string::npos) << "an address of a server";
  const std::string told = sh("client", "curl --silent --verbose " + std::string(kPassive) +
                                            " ftp://192.168.1.91/name 2>&1");
  EXPECT_NE(told.find("227 Entering Passive Mode (192,168,1,91,"), std::string::npos) << told;
  EXPECT_EQ(counted("foreign"), 0);
  EXPECT_GE(counted("rewritten"), 4);
  EXPECT_GE(counted("data_expected"), 4 * 4);
  expect_conserved();
}

TEST_F(FtpThroughNat, Ipv6ActiveAndPassive) {
  run_ftp({.name = "FtpNat6", .method = "nat", .vip = Family::Ipv6, .server = Family::Ipv6});
  if (IsSkipped()) return;
  const auto seen = cluster().listen("client", "ip6 and tcp");
  for (const char* const mode : modes(Family::Ipv6)) expect_transfers(mode);
  const std::string packets = sum_of(seen->stop());
  EXPECT_NE(packets.find(" 2001:db8:1::91.20 > "), std::string::npos) << "active data of the VIP";
  EXPECT_EQ(packets.find("2001:db8:3:"), std::string::npos) << "an address of a server";
  EXPECT_GE(counted("data_expected"), 2 * 4);
  expect_conserved();
}

// Facts of IPVS, 2.1 and 2.8: a persistent service at port 21 takes its clients' data too.
class FtpThroughPersistence : public FtpLab, public testing::WithParamInterface<Shape> {};

TEST_P(FtpThroughPersistence, ActiveAndPassive) {
  run_ftp(GetParam(), "persistence = true\n");
  if (IsSkipped()) return;
  const std::string first = name_of_server(kExtendedPassive);
  for (const char* const mode : modes(GetParam().vip)) {
    expect_transfers(mode);
    EXPECT_EQ(name_of_server(mode), first) << "a client stays where it is";
  }
  expect_conserved();
}

INSTANTIATE_TEST_SUITE_P(
    All, FtpThroughPersistence,
    testing::Values(
        Shape{.name = "FtpDr4", .method = "dr"}, Shape{.name = "FtpTun4", .method = "tun"},
        Shape{.name = "FtpDr6", .method = "dr", .vip = Family::Ipv6, .server = Family::Ipv6},
        Shape{.name = "FtpTun6", .method = "tun", .vip = Family::Ipv6, .server = Family::Ipv6}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace lvs::test
