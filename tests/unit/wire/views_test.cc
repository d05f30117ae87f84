#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "net/wire/arp.h"
#include "net/wire/ethernet.h"
#include "net/wire/icmp.h"
#include "net/wire/ipv4.h"
#include "net/wire/transport.h"
#include "tests/support/frames.h"
#include "tests/support/packet_literal.h"

namespace lvs::wire {
namespace {

using namespace test::literals;

/// 192.0.2.1:40000 > 203.0.113.10:80 TCP SYN, no options, both checksums right.
constexpr auto kSyn =
    "45 00 00 28 00 01 40 00 40 06 3c c3"
    "c0 00 02 01 cb 00 71 0a"
    "9c 40 00 50 00 00 00 01 00 00 00 00 50 02 20 00 f5 44 00 00"_packet;

/// 192.0.2.1:5353 > 203.0.113.10:53 UDP "abc", without a checksum.
constexpr auto kDatagram =
    "45 00 00 1f 00 00 00 00 40 11 7c c2"
    "c0 00 02 01 cb 00 71 0a"
    "14 e9 00 35 00 0b 00 00 61 62 63"_packet;

template <typename Array>
auto changed(Array bytes, std::size_t at, std::uint8_t value) {
  bytes[at] = value;
  return bytes;
}

TEST(PacketLiterals, HaveRightChecksums) {
  const auto syn = ConstIpv4View::parse(kSyn);
  ASSERT_TRUE(syn);
  EXPECT_TRUE(syn->has_valid_checksum());
  EXPECT_EQ(transport_sum(*syn), 0xffff);
  ASSERT_TRUE(ConstIpv4View::parse(kDatagram));
  EXPECT_TRUE(ConstIpv4View::parse(kDatagram)->has_valid_checksum());
}

TEST(Ipv4View, ReadsTheHeader) {
  const auto ip = ConstIpv4View::parse(kSyn);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->source(), Ipv4Addr(192, 0, 2, 1));
  EXPECT_EQ(ip->destination(), Ipv4Addr(203, 0, 113, 10));
  EXPECT_EQ(ip->protocol(), Protocol::Tcp);
  EXPECT_EQ(ip->ttl(), 64);
  EXPECT_EQ(ip->id(), 1);
  EXPECT_FALSE(ip->may_be_fragmented());
  EXPECT_FALSE(ip->is_fragment());
  EXPECT_EQ(ip->payload().size(), 20u);
}

TEST(Ipv4View, CutsEthernetPaddingOff) {
  std::array<std::uint8_t, 46> padded{};
  std::copy(kSyn.begin(), kSyn.end(), padded.begin());
  EXPECT_EQ(ConstIpv4View::parse(padded)->bytes().size(), kSyn.size());
}

TEST(Ipv4View, RefusesEveryTruncation) {
  for (std::size_t size = 0; size < kSyn.size(); ++size) {
    EXPECT_FALSE(ConstIpv4View::parse(ConstBytes{kSyn}.first(size))) << size;
    EXPECT_EQ(ConstIpv4View::check(ConstBytes{kSyn}.first(size)), Defect::Truncated) << size;
  }
}

TEST(Ipv4View, RefusesFieldsThatContradictEachOther) {
  EXPECT_EQ(ConstIpv4View::check(changed(kSyn, 0, 0x65)), Defect::Malformed) << "version 6";
  EXPECT_EQ(ConstIpv4View::check(changed(kSyn, 0, 0x44)), Defect::Malformed) << "short header";
  EXPECT_EQ(ConstIpv4View::check(changed(kSyn, 3, 19)), Defect::Malformed) << "total < header";
  EXPECT_EQ(ConstIpv4View::check(changed(kSyn, 0, 0x4f)), Defect::Malformed) << "header > total";
  EXPECT_EQ(ConstIpv4View::check(changed(kSyn, 2, 1)), Defect::Truncated) << "total > buffer";
}

TEST(Ipv4View, NoticesAWrongChecksum) {
  const auto wrong = changed(kSyn, 8, 63);
  EXPECT_FALSE(ConstIpv4View::parse(wrong)->has_valid_checksum());
}

TEST(Ipv4View, KeepsTheChecksumRightForEveryTtlAndChecksum) {
  auto packet = kSyn;
  const Ipv4View ip = *Ipv4View::parse(packet);
  for (std::uint32_t id = 0; id <= 0xffff; ++id) {
    store_be16(packet, ipv4_field::kId, static_cast<std::uint16_t>(id));
    packet[ipv4_field::kTtl] = static_cast<std::uint8_t>(1 + id % 255);
    store_be16(packet, ipv4_field::kChecksum, 0);
    store_be16(packet, ipv4_field::kChecksum, checksum_of(ip.header()));
    const std::uint8_t before = ip.ttl();
    ip.decrement_ttl();
    ASSERT_EQ(ip.ttl(), before - 1);
    ASSERT_TRUE(ip.has_valid_checksum()) << id;
  }
}

TEST(Ipv4View, TellsFragments) {
  EXPECT_TRUE(ConstIpv4View::parse(changed(kSyn, 6, 0x20))->is_fragment());
  EXPECT_FALSE(ConstIpv4View::parse(changed(kSyn, 6, 0x20))->is_later_fragment());
  EXPECT_TRUE(ConstIpv4View::parse(changed(kSyn, 7, 0x01))->is_later_fragment());
}

TEST(Ipv4View, HasNoSettersOverReadOnlyBytes) {
  constexpr auto kCanSet = [](auto view) {
    return requires { view.decrement_ttl(); };
  };
  auto packet = kSyn;
  EXPECT_TRUE(kCanSet(*Ipv4View::parse(packet)));
  EXPECT_FALSE(kCanSet(*ConstIpv4View::parse(packet)));
}

TEST(TransportView, ReadsTcp) {
  const auto tcp = ConstTransportView::parse(*ConstIpv4View::parse(kSyn));
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->source_port(), Port{40000});
  EXPECT_EQ(tcp->destination_port(), Port{80});
  EXPECT_TRUE(tcp->has_flag(tcp_flag::kSyn));
  EXPECT_EQ(tcp->sequence(), 1u);
  EXPECT_EQ(tcp->acknowledgement(), 0u);
  EXPECT_EQ(tcp->window(), 0x2000);
  EXPECT_EQ(tcp->segment_length(), 1u) << "a SYN counts as one byte";
}

TEST(TransportView, ReadsUdp) {
  const auto udp = ConstTransportView::parse(*ConstIpv4View::parse(kDatagram));
  ASSERT_TRUE(udp);
  EXPECT_EQ(udp->destination_port(), Port{53});
  EXPECT_FALSE(udp->has_checksum());
  EXPECT_EQ(udp->payload().size(), 3u);
  EXPECT_EQ(udp->tcp_flags(), 0);
  EXPECT_EQ(udp->sequence(), 0u);
}

TEST(TransportView, RefusesHeadersThatDoNotFit) {
  const auto check = [](const auto& bytes) {
    return ConstTransportView::check(*ConstIpv4View::parse(bytes));
  };
  EXPECT_EQ(check(changed(kSyn, 32, 0x40)), Defect::Malformed) << "TCP offset 4";
  EXPECT_EQ(check(changed(kSyn, 32, 0x60)), Defect::Truncated) << "TCP offset 6";
  EXPECT_EQ(check(changed(kSyn, 3, 39)), Defect::Truncated) << "19 bytes of TCP";
  EXPECT_EQ(check(changed(kDatagram, 25, 7)), Defect::Malformed) << "UDP length 7";
  EXPECT_EQ(check(changed(kDatagram, 25, 12)), Defect::Truncated) << "UDP length 12 of 11";
  EXPECT_EQ(check(changed(kDatagram, 3, 27)), Defect::Truncated) << "7 bytes of UDP";
  EXPECT_EQ(check(changed(kSyn, 9, 1)), Defect::Malformed) << "ICMP";
  EXPECT_EQ(check(changed(kSyn, 7, 1)), Defect::Malformed) << "a later fragment";
}

TEST(TransportView, TakesAFirstFragmentOfALongerDatagram) {
  auto first = changed(kDatagram, 6, 0x20);
  first[24] = 4;  // length 1035
  EXPECT_TRUE(ConstTransportView::parse(*ConstIpv4View::parse(first)));
}

TEST(EthernetView, ReadsAndWritesAddresses) {
  test::Bytes frame = test::make_frame({});
  const auto view = EthernetView::parse(frame);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->destination(), test::kDirectorMac);
  EXPECT_EQ(view->source(), test::kRouterMac);
  EXPECT_EQ(view->type(), EtherType::Ipv4);
  EXPECT_EQ(view->vlan_id(), 0);
  view->set_destination(MacAddr::broadcast());
  view->set_source(test::kDirectorMac);
  EXPECT_EQ(view->destination(), MacAddr::broadcast());
  EXPECT_EQ(view->source(), test::kDirectorMac);
}

TEST(EthernetView, RefusesShortFrames) {
  constexpr auto kTagged = "ff ff ff ff ff ff 02 00 00 00 00 01 81 00 00 05 08 00"_packet;
  EXPECT_TRUE(ConstEthernetView::parse(kTagged));
  for (std::size_t size = 0; size < kTagged.size(); ++size)
    EXPECT_FALSE(ConstEthernetView::parse(ConstBytes{kTagged}.first(size))) << size;
}

TEST(EthernetView, SeesAVlanTagThatWasPutBack) {
  test::Bytes frame = test::make_frame({});
  const std::size_t length = frame.size();
  frame.resize(length + kVlanTag);
  EXPECT_EQ(put_vlan_tag(frame, length, 0x8100, 0x6005), length + kVlanTag);
  const auto view = ConstEthernetView::parse(ConstBytes{frame});
  ASSERT_TRUE(view && view->is_tagged());
  EXPECT_EQ(view->vlan_id(), 5);
  EXPECT_EQ(view->source(), test::kRouterMac);
  EXPECT_EQ(view->type(), EtherType::Ipv4);
  EXPECT_TRUE(ConstIpv4View::parse(view->payload())->has_valid_checksum());
}

TEST(EthernetView, DoesNotPutATagBackWithoutRoom) {
  test::Bytes frame = test::make_frame({});
  const test::Bytes before = frame;
  EXPECT_EQ(put_vlan_tag(frame, frame.size(), 0x8100, 5), 0u);
  EXPECT_EQ(put_vlan_tag(frame, 13, 0x8100, 5), 0u);
  EXPECT_EQ(put_vlan_tag(frame, frame.size() + 1, 0x8100, 5), 0u);
  EXPECT_EQ(frame, before);
}

TEST(Arp, BuildsWhatItReads) {
  const ArpFrame frame = make_arp_reply(test::kDirectorMac, Ipv4Addr(10, 0, 0, 1), test::kRouterMac,
                                        Ipv4Addr(10, 0, 0, 254));
  const auto ethernet = ConstEthernetView::parse(frame);
  ASSERT_TRUE(ethernet);
  EXPECT_EQ(ethernet->destination(), test::kRouterMac);
  EXPECT_EQ(ethernet->type(), EtherType::Arp);
  const auto arp = ConstArpView::parse(ethernet->payload());
  ASSERT_TRUE(arp);
  EXPECT_EQ(arp->operation(), ArpOperation::Reply);
  EXPECT_EQ(arp->sender_mac(), test::kDirectorMac);
  EXPECT_EQ(arp->sender_ip(), Ipv4Addr(10, 0, 0, 1));
  EXPECT_EQ(arp->target_mac(), test::kRouterMac);
  EXPECT_EQ(arp->target_ip(), Ipv4Addr(10, 0, 0, 254));
  EXPECT_FALSE(arp->is_announcement());
}

TEST(Arp, AnnouncementIsTheFrameOfRfc5227) {
  constexpr auto kExpected =
      "ff ff ff ff ff ff 02 00 00 00 00 02 08 06"
      "00 01 08 00 06 04 00 01 02 00 00 00 00 02 0a 00 00 01 00 00 00 00 00 00 0a 00 00 01"_packet;
  EXPECT_EQ(make_arp_announcement(test::kDirectorMac, Ipv4Addr(10, 0, 0, 1)), kExpected);
}

TEST(Arp, ProbeClaimsNothing) {
  const ArpFrame frame = make_arp_probe(test::kDirectorMac, Ipv4Addr(10, 0, 0, 1));
  const auto arp = ConstArpView::parse(ConstBytes{frame}.subspan(kEthernetHeader));
  EXPECT_EQ(arp->sender_ip(), Ipv4Addr{});
  EXPECT_EQ(arp->operation(), ArpOperation::Request);
}

TEST(ArpView, RefusesOtherHardwareAndProtocols) {
  const ArpFrame frame = make_arp_probe(test::kDirectorMac, Ipv4Addr(10, 0, 0, 1));
  const ConstBytes arp = ConstBytes{frame}.subspan(kEthernetHeader);
  for (std::size_t size = 0; size < arp.size(); ++size)
    EXPECT_FALSE(ConstArpView::parse(arp.first(size))) << size;
  for (const std::size_t at : {1u, 2u, 4u, 5u}) {
    ArpFrame other = frame;
    other[kEthernetHeader + at] = 0x77;
    EXPECT_FALSE(ConstArpView::parse(ConstBytes{other}.subspan(kEthernetHeader))) << at;
  }
}

TEST(IcmpView, ReadsAnErrorAndWhatItQuotes) {
  test::Bytes message(8 + 28);
  message[0] = 3;
  message[1] = icmp_code::kFragmentationNeeded;
  store_be16(message, icmp_field::kNextHopMtu, 1400);
  std::copy_n(kSyn.begin(), 28, message.begin() + 8);
  store_be16(message, icmp_field::kChecksum, checksum_of(message));
  const auto icmp = ConstIcmpView::parse(ConstBytes{message});
  ASSERT_TRUE(icmp);
  EXPECT_TRUE(icmp->is_error());
  EXPECT_TRUE(icmp->has_valid_checksum());
  EXPECT_EQ(icmp->next_hop_mtu(), 1400);
  const auto quoted = icmp->quoted();
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted->source(), Ipv4Addr(192, 0, 2, 1));
  EXPECT_EQ(quoted->payload().size(), 8u);
}

TEST(IcmpView, QuotesNothingInAnEcho) {
  constexpr auto kEcho = "08 00 e5 ca 12 34 00 01"_packet;
  const auto icmp = ConstIcmpView::parse(kEcho);
  ASSERT_TRUE(icmp);
  EXPECT_FALSE(icmp->is_error());
  EXPECT_FALSE(icmp->quoted());
  EXPECT_EQ(icmp->echo_id(), 0x1234);
  EXPECT_EQ(icmp->echo_sequence(), 1);
}

TEST(IcmpView, RefusesShortMessagesAndQuotes) {
  constexpr auto kShort = "03 03 00 00 00 00 00 00 45 00 00 28"_packet;
  EXPECT_FALSE(ConstIcmpView::parse(ConstBytes{kShort}.first(7)));
  EXPECT_FALSE(ConstIcmpView::parse(kShort)->quoted());
}

}  // namespace
}  // namespace lvs::wire
