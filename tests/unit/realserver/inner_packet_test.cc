#include "realserver/decap/inner_packet.h"

#include <gtest/gtest.h>

#include "net/wire/addr_text.h"
#include "net/wire/checksum.h"
#include "net/wire/ipv4.h"

namespace lvs::realserver {
namespace {

using profiles::TunnelType;
using Bytes = std::vector<std::uint8_t>;

/// A UDP datagram of four bytes to 192.168.1.99 whose checksum is `finished` or not.
Bytes udp_packet(bool finished) {
  Bytes packet(32);
  wire::store_ipv4(packet, {.source = Ipv4Addr(10, 0, 0, 1),
                            .destination = Ipv4Addr(192, 168, 1, 99),
                            .protocol = Protocol::Udp});
  const std::span<std::uint8_t> udp = std::span(packet).subspan(20);
  wire::store_be16(udp, 0, 1024);
  wire::store_be16(udp, 2, 80);
  wire::store_be16(udp, 4, 12);
  const std::uint64_t pseudo = wire::pseudo_header_words(
      Ipv4Addr(10, 0, 0, 1), Ipv4Addr(192, 168, 1, 99), Protocol::Udp, 12);
  const std::uint16_t right = static_cast<std::uint16_t>(~wire::fold(wire::add_words(udp, pseudo)));
  wire::store_be16(udp, 6, finished ? right : wire::fold(pseudo));
  return packet;
}

Bytes behind(Bytes front, const Bytes& packet) {
  front.insert(front.end(), packet.begin(), packet.end());
  return front;
}

TEST(InnerPacket, IsFoundBehindEachTunnelHeader) {
  Bytes packet = udp_packet(true);
  const auto plain = inner_packet(packet, TunnelType::Ipip, Family::Ipv4);
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->destination, *parse_ip("192.168.1.99"));
  EXPECT_EQ(plain->unfinished, std::nullopt);
  Bytes gre = behind({0x20, 0, 0x08, 0, 0, 0, 0, 7}, packet);
  EXPECT_TRUE(inner_packet(gre, TunnelType::Gre, Family::Ipv4));
  Bytes gue = behind({0x00, 4, 0, 0}, packet);
  EXPECT_TRUE(inner_packet(gue, TunnelType::Gue, Family::Ipv4));
}

TEST(InnerPacket, AnUnfinishedChecksumIsSeen) {
  Bytes packet = udp_packet(false);
  const auto inner = inner_packet(packet, TunnelType::Ipip, Family::Ipv4);
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->unfinished, (UnfinishedChecksum{20, 6}));
}

TEST(InnerPacket, AWrongChecksumStaysWrong) {
  Bytes packet = udp_packet(true);
  packet.back() ^= 1;
  EXPECT_EQ(inner_packet(packet, TunnelType::Ipip, Family::Ipv4)->unfinished, std::nullopt);
}

TEST(InnerPacket, WhatFollowsThePacketsEndIsCutOff) {
  Bytes padded = behind(udp_packet(true), {0, 0, 0, 0});
  EXPECT_EQ(inner_packet(padded, TunnelType::Ipip, Family::Ipv4)->bytes.size(), 32U);
}

TEST(InnerPacket, EveryCutOfAPacketIsRefused) {
  Bytes whole = behind({0x00, 4, 0, 0}, udp_packet(true));
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(inner_packet(std::span(whole).first(size), TunnelType::Gue, Family::Ipv4)) << size;
}

TEST(InnerPacket, TheOtherFamilyThanAnnouncedIsRefused) {
  Bytes packet = udp_packet(true);
  EXPECT_FALSE(inner_packet(packet, TunnelType::Ipip, Family::Ipv6));
}

TEST(InnerPacket, TakesOverWhatTheOuterHeaderToldOfCongestion) {
  using enum wire::Ecn;
  Bytes packet = udp_packet(true);
  const auto inner = inner_packet(packet, TunnelType::Ipip, Family::Ipv4);
  EXPECT_FALSE(pass_congestion_on(*inner, Congested)) << "its sender does not know ECN";
  EXPECT_TRUE(pass_congestion_on(*inner, Capable0));
  EXPECT_EQ(packet, udp_packet(true));
  wire::set_ecn(packet, Family::Ipv4, Capable0);
  EXPECT_TRUE(pass_congestion_on(*inner, Congested));
  EXPECT_EQ(wire::ecn_of(packet, Family::Ipv4), Congested);
  EXPECT_TRUE(wire::ConstIpv4View::parse(packet)->has_valid_checksum());
}

}  // namespace
}  // namespace lvs::realserver
