#include "net/wire/addr_text.h"

#include <gtest/gtest.h>

#include <string>

namespace lvs {
namespace {

TEST(Ipv4Text, ReadsWhatItPrints) {
  for (const std::string text : {"0.0.0.0", "192.168.1.99", "255.255.255.255"})
    EXPECT_EQ(to_string(parse_ipv4(text).value()), text);
}

TEST(Ipv4Text, RefusesEverythingElse) {
  for (const char* text :
       {"", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.", "1..3.4", " 1.2.3.4",
        "1.2.3.4 ", "+1.2.3.4", "-1.2.3.4", "1.2.3.x", "0x1.2.3.4"})
    EXPECT_FALSE(parse_ipv4(text)) << text;
}

struct Ipv6Case {
  const char* written;
  const char* printed;
};

TEST(Ipv6Text, PrintsTheFormOfRfc5952) {
  for (const Ipv6Case& c :
       {Ipv6Case{"::", "::"}, Ipv6Case{"::1", "::1"}, Ipv6Case{"1::", "1::"},
        Ipv6Case{"2001:DB8::0:1", "2001:db8::1"},
        Ipv6Case{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        Ipv6Case{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        Ipv6Case{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        Ipv6Case{"::ffff:192.0.2.1", "::ffff:c000:201"},
        Ipv6Case{"1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"},
        Ipv6Case{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"}, Ipv6Case{"fe80::00ff", "fe80::ff"}}) {
    const auto parsed = parse_ipv6(c.written);
    ASSERT_TRUE(parsed) << c.written;
    EXPECT_EQ(to_string(*parsed), c.printed);
  }
}

TEST(Ipv6Text, RefusesEverythingElse) {
  for (const char* text : {"",
                           ":",
                           ":::",
                           "1",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "12345::",
                           "g::",
                           "::1%eth0",
                           " ::1",
                           "::1 ",
                           "1:",
                           ":1",
                           "1.2.3.4::",
                           "::1.2.3",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::+1",
                           "1.2.3.4"})
    EXPECT_FALSE(parse_ipv6(text)) << text;
}

TEST(PrefixText, KeepsTheHostBits) {
  EXPECT_EQ(to_string(parse_prefix("192.168.1.91/24").value()), "192.168.1.91/24");
  EXPECT_EQ(to_string(parse_prefix("2001:db8::1/128").value()), "2001:db8::1/128");
}

TEST(PrefixText, WantsALengthThatFits) {
  for (const char* text : {"10.0.0.1", "10.0.0.1/", "10.0.0.1/33", "::1/129", "10.0.0.1/+1",
                           "10.0.0.1/08", "10.0.0.1/8 ", "/8", "10.0.0.1/8/8"})
    EXPECT_FALSE(parse_prefix(text)) << text;
}

TEST(MacText, ReadsWhatItPrints) {
  EXPECT_EQ(to_string(parse_mac("02:00:AB:cd:00:01").value()), "02:00:ab:cd:00:01");
  for (const char* text : {"", "02:00:00:00:00", "02:00:00:00:00:1", "02:00:00:00:00:001",
                           "02-00-00-00-00-01", "02:00:00:00:00:0g", "02:00:00:00:00:01:"})
    EXPECT_FALSE(parse_mac(text)) << text;
}

TEST(ProtocolText, IsANumberWhereThereIsNoName) {
  EXPECT_EQ(to_string(Protocol::Udp), "udp");
  EXPECT_EQ(to_string(Protocol{200}), "200");
}

TEST(IpText, TakesEitherFamily) {
  EXPECT_EQ(parse_ip("10.0.0.1"), IpAddr{Ipv4Addr(10, 0, 0, 1)});
  EXPECT_EQ(to_string(parse_ip("::1").value()), "::1");
  EXPECT_FALSE(parse_ip("localhost"));
}

TEST(Prefix, ContainsItsNetworkAlone) {
  const Prefix v4 = parse_prefix("192.168.1.91/24").value();
  EXPECT_TRUE(v4.contains(*parse_ip("192.168.1.255")));
  EXPECT_FALSE(v4.contains(*parse_ip("192.168.2.1")));
  EXPECT_FALSE(v4.contains(*parse_ip("::1")));
  EXPECT_TRUE(parse_prefix("0.0.0.0/0")->contains(*parse_ip("8.8.8.8")));
  const Prefix v6 = parse_prefix("2001:db8::/33").value();
  EXPECT_TRUE(v6.contains(*parse_ip("2001:db8:7fff::1")));
  EXPECT_FALSE(v6.contains(*parse_ip("2001:db8:8000::1")));
}

}  // namespace
}  // namespace lvs
