#include <gtest/gtest.h>

#include "director/core/ftp/text.h"
#include "net/wire/addr_text.h"

// The lines of RFC 959 and RFC 2428 that announce data connections.

namespace lvs::director {
namespace {

using namespace std::string_view_literals;

std::string_view bytes_of(std::string_view line, const FtpAnnouncement& said) {
  return line.substr(said.begin, said.length);
}

TEST(FtpText, ReadsPort) {
  const auto line = "PORT 192,0,2,1,156,64"sv;
  const auto said = parse_ftp_command(line);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->address, IpAddr(Ipv4Addr(192, 0, 2, 1)));
  EXPECT_EQ(said->port, Port{40000});
  EXPECT_EQ(bytes_of(line, *said), "192,0,2,1,156,64");
  EXPECT_TRUE(parse_ftp_command("port  192,0,2,1,156,64"));
}

TEST(FtpText, ReadsExtendedPortOfBothFamilies) {
  const auto v4 = parse_ftp_command("EPRT |1|132.235.1.2|6275|");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->address, IpAddr(Ipv4Addr(132, 235, 1, 2)));
  EXPECT_EQ(v4->port, Port{6275});
  const auto v6 = parse_ftp_command("eprt |2|1080::8:800:200C:417A|5282|");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->address, *parse_ip("1080::8:800:200c:417a"));
  EXPECT_TRUE(parse_ftp_command("EPRT !1!132.235.1.2!6275!")) << "any delimiter";
}

TEST(FtpText, RefusesWhatIsNoAnnouncement) {
  for (const auto line : {"",
                          "PORT",
                          "PORT ",
                          "PORT 1,2,3,4,5",
                          "PORT 1,2,3,4,5,256",
                          "PORT 1,2,3,4,0,0",
                          "PORT 1.2.3.4,5,6",
                          "PORT 1,2,,4,5,6",
                          " PORT 1,2,3,4,5,6",
                          "PORTX 1,2,3,4,5,6",
                          "PASV",
                          "RETR PORT 1,2,3,4,5,6",
                          "EPRT",
                          "EPRT |1|132.235.1.2|0|",
                          "EPRT |1|132.235.1.2|65536|",
                          "EPRT |1|132.235.1.2|6275",
                          "EPRT |1|132.235.1|6275|",
                          "EPRT |3|132.235.1.2|6275|",
                          "EPRT |2|132.235.1.2|6275|",
                          "EPRT |1|::1|6275|",
                          "EPRT |2|1::2::3|6275|",
                          "EPRT |2|1:|6275|",
                          "EPRT |2|12345::|6275|",
                          "EPRT 111132.235.1.2|6275|",
                          "PORT 000001,2,3,4,5,6"})
    EXPECT_FALSE(parse_ftp_command(line)) << line;
}

TEST(FtpText, ReadsTheAnswerToPasv) {
  for (const auto line : {"227 Entering Passive Mode (10,0,0,11,156,64)."sv,
                          "227 Entering Passive Mode (10,0,0,11,156,64)"sv,
                          "227 =10,0,0,11,156,64"sv, "227 10,0,0,11,156,64"sv}) {
    const auto said = parse_ftp_answer(line);
    ASSERT_TRUE(said) << line;
    EXPECT_EQ(said->address, IpAddr(Ipv4Addr(10, 0, 0, 11)));
    EXPECT_EQ(said->port, Port{40000});
    EXPECT_EQ(bytes_of(line, *said), "10,0,0,11,156,64");
  }
}

TEST(FtpText, ReadsTheAnswerToEpsv) {
  const auto line = "229 Entering Extended Passive Mode (|||40000|)"sv;
  const auto said = parse_ftp_answer(line);
  ASSERT_TRUE(said);
  EXPECT_FALSE(said->address);
  EXPECT_EQ(said->port, Port{40000});
  EXPECT_EQ(bytes_of(line, *said), "40000");
}

TEST(FtpText, RefusesAnswersThatAnnounceNothing) {
  for (const auto line : {"", "227", "227 ", "227-10,0,0,11,156,64", "226 (10,0,0,11,156,64)",
                          "227 Entering", "227 (10,0,0,11,156)", "227 (10,0,0,11,0,0)",
                          "229 (||40000|)", "229 (|||0|)", "229 (|||65536|)", "229 (|||40000|",
                          "229 |||40000|", "229 (||1|40000|)", " 227 (10,0,0,11,156,64)"})
    EXPECT_FALSE(parse_ftp_answer(line)) << line;
}

TEST(FtpText, WritesWhatItReads) {
  const Ipv4Addr longest(255, 255, 255, 255);
  EXPECT_EQ(write_ftp_endpoint(longest, Port{65535}).view(), "255,255,255,255,255,255");
  EXPECT_EQ(write_ftp_endpoint(Ipv4Addr(0, 1, 20, 0), Port{1024}).view(), "0,1,20,0,4,0");
  EXPECT_EQ(write_ftp_port(Port{65535}).view(), "65535");
  EXPECT_EQ(write_ftp_port(Port{1}).view(), "1");
}

}  // namespace
}  // namespace lvs::director
