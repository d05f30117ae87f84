// The small parts of the reader: words, edit distance, lines.

#include <gtest/gtest.h>

#include <array>

#include "profiles/core/read/lines.h"
#include "profiles/core/read/nearest.h"
#include "profiles/core/read/words.h"

namespace lvs::profiles::reading {
namespace {

using std::chrono::microseconds;

TEST(Duration, IsAWholeNumberWithAUnit) {
  EXPECT_EQ(parse_duration("50us"), microseconds{50});
  EXPECT_EQ(parse_duration("500ms"), microseconds{500'000});
  EXPECT_EQ(parse_duration("90s"), microseconds{90'000'000});
  EXPECT_EQ(parse_duration("6m"), std::chrono::minutes{6});
  EXPECT_EQ(parse_duration("2h"), std::chrono::hours{2});
  EXPECT_EQ(parse_duration("31d"), std::chrono::hours{31 * 24});
}

TEST(Duration, IsNothingElse) {
  for (const char* text : {"", "5", "s", "-5s", "+5s", "5 s", " 5s", "5s ", "1.5s", "5S", "5sec",
                           "1h30m", "0x5s", "99999999999999999999s", "999999999999999d"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(Duration, ReadsBackWhatItWrote) {
  for (const char* text : {"0s", "1us", "999ms", "90s", "6m", "25h", "31d"})
    EXPECT_EQ(duration_text(parse_duration(text).value()), text);
}

TEST(PortRangeText, IsAPortOrARange) {
  EXPECT_EQ(parse_port_range("80"), (PortRange{Port{80}, Port{80}}));
  EXPECT_EQ(parse_port_range("1-65535"), (PortRange{Port{1}, Port{65535}}));
  EXPECT_EQ(parse_port_range("0"), (PortRange{Port{0}, Port{0}}));
  for (const char* text : {"", "-", "1-", "-1", "2-1", "0-5", "1-65536", "1-2-3", "a", "1 - 2"})
    EXPECT_EQ(parse_port_range(text), std::nullopt) << text;
}

TEST(EndpointText, HasAHostAndAPort) {
  EXPECT_EQ(parse_endpoint("10.0.0.1:80")->host, "10.0.0.1");
  EXPECT_EQ(parse_endpoint("[fd00::1]:80")->host, "fd00::1");
  EXPECT_EQ(parse_endpoint("rs1:65535")->port, Port{65535});
  for (const char* text : {"", ":80", "rs1", "rs1:", "rs1:0", "rs1:65536", "fd00::1:80",
                           "[10.0.0.1]:80", "[fd00::1:80", "r s:80"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

TEST(InterfaceName, IsWhatTheKernelAccepts) {
  for (const char* text : {"e", "eth0", "eth0.100", "enx001122334455", "br-lan", "wg@1"})
    EXPECT_TRUE(is_interface_name(text)) << text;
  for (const char* text : {"", ".", "..", "enx0011223344556", "eth 0", "eth/0", "eth0:1", "eth\t0"})
    EXPECT_FALSE(is_interface_name(text)) << text;
}

TEST(ProfileName, HasSmallLettersDigitsAndDashes) {
  for (const char* text : {"a", "web-2", "12345678901234567890"})
    EXPECT_TRUE(is_profile_name(text)) << text;
  for (const char* text : {"", "Web", "a_b", "a.b", "é", "123456789012345678901"})
    EXPECT_FALSE(is_profile_name(text)) << text;
}

TEST(HostName, IsNotAnAddressOrAPath) {
  EXPECT_TRUE(is_host_name("rs1.example_2"));
  for (const char* text : {"", "10.0.0.1", ".", "../x", "-rs", "a b", "a/b", "a:b"})
    EXPECT_FALSE(is_host_name(text)) << text;
}

TEST(SysctlName, StaysInsideTheNetwork) {
  EXPECT_EQ(parse_sysctl_name("net.ipv4.conf.eth0/1.arp_ignore"),
            "net/ipv4/conf/eth0.1/arp_ignore");
  EXPECT_EQ(parse_sysctl_name("net/ipv4/conf/eth0.1/arp_ignore"),
            "net/ipv4/conf/eth0.1/arp_ignore");
  for (const char* text : {"", "net", "net/", "/net/x", "kernel.panic", "net/../kernel/panic",
                           "net.//.kernel", "net/a//b", "net/a b", "net.."})
    EXPECT_EQ(parse_sysctl_name(text), std::nullopt) << text;
}

TEST(Quoted, IsPrintableAndShort) {
  EXPECT_EQ(quote_text("a\n\x1b\t"), "\"a?? \"");
  EXPECT_EQ(quote_text(std::string(59, 'a') + "é"), "\"" + std::string(59, 'a') + "…\"");
}

TEST(EditDistance, CountsInsertionsDeletionsReplacementsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("weight", "wieght"), 1U);
  EXPECT_EQ(edit_distance("port", "ports"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);
}

TEST(Nearest, IsNearAndNotFarFetched) {
  constexpr std::array<std::string_view, 4> known{"rr", "scheduler", "scheduler_flags", "port"};
  EXPECT_EQ(nearest("schedular", known), "scheduler");
  EXPECT_EQ(nearest("PORT", known), "port");
  EXPECT_EQ(nearest("rrr", known), "rr");
  EXPECT_EQ(nearest("xx", known), std::nullopt);
  EXPECT_EQ(nearest("", known), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'r'), known), std::nullopt);
}

TEST(LinesOfAText, CountCharactersAndStayInside) {
  const Lines lines{"é=1\r\n\n"};
  EXPECT_EQ(lines.line(1), "é=1");
  EXPECT_EQ(lines.clamp({1, 99}), (Where{1, 4}));
  EXPECT_EQ(lines.clamp({99, 99}), (Where{3, 1}));
  EXPECT_EQ(lines.clamp({0, 0}), (Where{1, 1}));
  EXPECT_EQ(lines.line(0), "");
  EXPECT_EQ(byte_of_column("é=1", 2), 2U);
}

TEST(Printable, ReplacesControlCharactersAndBrokenUtf8) {
  EXPECT_EQ(printable("a\tb\x01\x7f"), "a\tb??");
  EXPECT_EQ(printable("é€😀"), "é€😀");
  EXPECT_EQ(printable("\xff\xc3"), "??");
  EXPECT_EQ(printable("\xc0\xaf"), "??");
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");
  EXPECT_EQ(printable("\xc2\x9b"), "??");
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "????");
}

}  // namespace
}  // namespace lvs::profiles::reading
