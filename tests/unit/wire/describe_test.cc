#include "net/wire/describe.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "net/wire/arp.h"
#include "net/wire/icmp_error.h"
#include "tests/support/frames.h"
#include "tests/support/packet_literal.h"
#include "tests/support/packets.h"

namespace lvs::wire {
namespace {

using namespace test::literals;

const std::string kEnds = "02:00:00:00:00:01 > 02:00:00:00:00:02: ";

TEST(Describe, TellsASegment) {
  EXPECT_EQ(describe(test::make_frame(
                {.flags = tcp_flag::kSyn | tcp_flag::kAck, .acknowledgement = 7, .payload = 5})),
            kEnds + "203.0.113.5:1024 > 10.0.0.1:80 tcp syn ack, seq 1000 ack 7 length 5");
}

TEST(Describe, TellsADatagram) {
  EXPECT_EQ(describe(test::make_frame({.protocol = Protocol::Udp, .payload = 3})),
            kEnds + "203.0.113.5:1024 > 10.0.0.1:80 udp length 3");
}

TEST(Describe, TellsArp) {
  EXPECT_EQ(
      describe(make_arp_request(test::kRouterMac, Ipv4Addr(10, 0, 0, 254), Ipv4Addr(10, 0, 0, 1))),
      "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff: arp who has 10.0.0.1, tell 10.0.0.254");
  EXPECT_EQ(describe(make_arp_reply(test::kRouterMac, Ipv4Addr(10, 0, 0, 254), test::kDirectorMac,
                                    Ipv4Addr(10, 0, 0, 1))),
            kEnds + "arp 10.0.0.254 is at 02:00:00:00:00:01");
}

TEST(Describe, TellsAnIcmpErrorAndWhatItIsAbout) {
  constexpr auto kUnreachable =
      "45 00 00 38 00 00 00 00 40 01 00 00 0a 00 00 01 cb 00 71 05"
      "03 03 00 00 00 00 00 00"
      "45 00 00 28 00 00 40 00 40 06 00 00 cb 00 71 05 0a 00 00 01 04 00 00 50 00 00 00 01"_packet;
  EXPECT_EQ(describe_ipv4(kUnreachable),
            "10.0.0.1 > 203.0.113.5 icmp port unreachable, about 203.0.113.5:1024 > 10.0.0.1:80 "
            "tcp");
}

TEST(Describe, TellsASegmentAndAnErrorOverIpv6) {
  test::PacketSpec<Ipv6Addr> spec = test::request_spec<Ipv6Addr>(Protocol::Tcp, 5);
  spec.tcp_flags = tcp_flag::kSyn;
  const std::vector<std::uint8_t> segment = test::make_packet(spec);
  EXPECT_EQ(describe_ipv6(segment),
            "[2001:db8:1::5]:40000 > [2001:db8:ffff::80]:80 tcp syn, seq 4294967280 ack 77 "
            "length 5");
  std::vector<std::uint8_t> error(1280);
  const auto about = *ConstIpv6View::parse(segment);
  error.resize(
      store_icmp_error(error, about, test::kVip6, {.kind = IcmpErrorKind::TooBig, .mtu = 1400}));
  EXPECT_EQ(describe_ipv6(error),
            "2001:db8:ffff::80 > 2001:db8:1::5 icmpv6 packet too big, mtu 1400, about "
            "[2001:db8:1::5]:40000 > [2001:db8:ffff::80]:80 tcp");
  EXPECT_EQ(describe_ipv6({}), "ipv6, unreadable (0 bytes)");
}

TEST(Describe, TellsAnSctpChunk) {
  std::vector<std::uint8_t> packet = test::make_request<Ipv4Addr>(Protocol::Sctp, 4);
  packet[32] = sctp_chunk::kInit;
  EXPECT_EQ(describe_ipv4(packet), "192.0.2.1:40000 > 203.0.113.10:80 sctp init length 4");
}

TEST(Describe, TellsAFragment) {
  test::Bytes frame = test::make_frame({});
  frame[kEthernetHeader + ipv4_field::kFragment + 1] = 2;
  EXPECT_EQ(describe(frame), kEnds + "fragment of 203.0.113.5 > 10.0.0.1 tcp length 20");
}

TEST(Describe, SaysWhatItCannotRead) {
  EXPECT_EQ(describe({}), "a frame of only 0 bytes");
  test::Bytes frame = test::make_frame({});
  frame.resize(20);
  EXPECT_EQ(describe(frame), kEnds + "ipv4, unreadable (6 bytes)");
  frame[13] = 0x06;
  EXPECT_EQ(describe(frame), kEnds + "arp, unreadable");
  frame[12] = 0x88;
  frame[13] = 0xcc;
  EXPECT_EQ(describe(frame), kEnds + "ethertype 35020, length 6");
}

}  // namespace
}  // namespace lvs::wire
