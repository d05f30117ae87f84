#include "net/wire/tunnel.h"

#include <gtest/gtest.h>

#include "tests/support/packet_literal.h"

namespace lvs::wire {
namespace {

using namespace test::literals;

TEST(Tunnel, IpProtocolNumbersNameTheFamilyInside) {
  EXPECT_EQ(carried_family(Protocol::IpIp), Family::Ipv4);
  EXPECT_EQ(carried_family(Protocol::Ipv6), Family::Ipv6);
  EXPECT_EQ(carried_family(Protocol::Udp), std::nullopt);
}

TEST(Tunnel, GreFlagsMakeTheHeaderLonger) {
  EXPECT_EQ(gre_layer("00 00 08 00"_packet), (TunnelLayer{4, Family::Ipv4}));
  EXPECT_EQ(gre_layer("80 00 86 dd"_packet), (TunnelLayer{8, Family::Ipv6}));
  EXPECT_EQ(gre_layer("b0 00 08 00"_packet), (TunnelLayer{16, Family::Ipv4}));
}

TEST(Tunnel, GreOfAnotherKindIsLeftAlone) {
  EXPECT_EQ(gre_layer("40 00 08 00"_packet), std::nullopt) << "routing (RFC 1701)";
  EXPECT_EQ(gre_layer("00 01 08 00"_packet), std::nullopt) << "version 1 (PPTP)";
  EXPECT_EQ(gre_layer("00 00 65 58"_packet), std::nullopt) << "Ethernet inside";
}

TEST(Tunnel, GueHasItsFieldsCountedInWords) {
  EXPECT_EQ(gue_layer("00 04 00 00"_packet), (TunnelLayer{4, Family::Ipv4}));
  EXPECT_EQ(gue_layer("03 29 00 00"_packet), (TunnelLayer{16, Family::Ipv6}));
  EXPECT_EQ(gue_layer("1f 04 00 00"_packet), (TunnelLayer{128, Family::Ipv4}));
}

TEST(Tunnel, GueOfVariant1IsThePacketItself) {
  EXPECT_EQ(gue_layer("45 00 00 54"_packet), (TunnelLayer{0, Family::Ipv4}));
  EXPECT_EQ(gue_layer("60 00 00 00"_packet), (TunnelLayer{0, Family::Ipv6}));
}

TEST(Tunnel, GueOfAnotherKindIsLeftAlone) {
  EXPECT_EQ(gue_layer("20 04 00 00"_packet), std::nullopt) << "a control message";
  EXPECT_EQ(gue_layer("00 11 00 00"_packet), std::nullopt) << "UDP inside";
  EXPECT_EQ(gue_layer("80 04 00 00"_packet), std::nullopt) << "variant 2";
  EXPECT_EQ(gue_layer("50 04 00 00"_packet), std::nullopt) << "variant 1, but IP version 5";
}

}  // namespace
}  // namespace lvs::wire
