#include "net/wire/describe.h"

#include <gtest/gtest.h>

#include "net/wire/arp.h"
#include "tests/support/frames.h"
#include "tests/support/packet_literal.h"

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
