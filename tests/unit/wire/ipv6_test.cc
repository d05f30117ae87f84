#include "net/wire/ipv6.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "net/wire/ip.h"
#include "net/wire/ports.h"
#include "net/wire/transport.h"
#include "tests/support/packet_literal.h"
#include "tests/support/packets.h"

namespace lvs::wire {
namespace {

using test::operator""_packet;
using Bytes = std::vector<std::uint8_t>;

/// [2001:db8::1]:40000 > [2001:db8::2]:80 TCP SYN; the sum was taken by hand: the words of the
/// pseudo-header and the segment add up to 0xffff.
constexpr auto kSyn6 =
    "6b 01 23 45 00 14 06 40"
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"
    "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 02"
    "9c 40 00 50 00 00 00 01 00 00 00 00 50 02 20 00 97 dc 00 00"_packet;

/// The same segment behind extension headers; `first` is the number of the first of them.
Bytes with_extensions(std::uint8_t first, const Bytes& extensions) {
  test::PacketSpec<Ipv6Addr> spec = test::request_spec<Ipv6Addr>(Protocol::Tcp, 5);
  spec.options = extensions;
  spec.first_extension = first;
  return test::make_packet(spec);
}

/// `count` destination options headers of eight bytes, TCP behind the last.
Bytes destination_options(std::size_t count) {
  Bytes all(8 * count);
  for (std::size_t i = 0; i < count; ++i) all[8 * i] = i + 1 == count ? 6 : 60;
  return all;
}

TEST(Ipv6View, ReadsTheHeader) {
  const auto ip = ConstIpv6View::parse(kSyn6);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->traffic_class(), 0xb0);
  EXPECT_EQ(ip->tos(), 0xb0);
  EXPECT_EQ(ip->hops(), 64);
  EXPECT_EQ(ip->protocol(), Protocol::Tcp);
  EXPECT_EQ(ip->source().octets()[15], 1);
  EXPECT_EQ(ip->destination().octets()[15], 2);
  EXPECT_EQ(ip->total_length(), 60u);
  EXPECT_EQ(ip->header_length(), 40u);
  EXPECT_EQ(ip->payload().size(), 20u);
  EXPECT_FALSE(ip->is_fragment());
  EXPECT_FALSE(ip->has_segments_left());
  EXPECT_EQ(transport_sum(*ip), 0xffff);
}

TEST(Ipv6View, CutsEthernetPaddingOff) {
  Bytes padded(kSyn6.begin(), kSyn6.end());
  padded.resize(80);
  EXPECT_EQ(ConstIpv6View::parse(padded)->bytes().size(), kSyn6.size());
}

TEST(Ipv6View, RefusesEveryTruncation) {
  for (std::size_t size = 0; size < kSyn6.size(); ++size) {
    EXPECT_FALSE(ConstIpv6View::parse(ConstBytes{kSyn6}.first(size))) << size;
    EXPECT_EQ(ConstIpv6View::check(ConstBytes{kSyn6}.first(size)), Defect::Truncated) << size;
  }
  Bytes version4(kSyn6.begin(), kSyn6.end());
  version4[0] = 0x4b;
  EXPECT_EQ(ConstIpv6View::check(version4), Defect::Malformed);
}

TEST(Ipv6View, LooksBehindExtensionHeaders) {
  // hop-by-hop of 16 bytes, destination options, routing (type 2, used up)
  Bytes chain(32);
  chain[0] = 60, chain[1] = 1;
  chain[16] = 43;
  chain[24] = 6, chain[26] = 2;
  const Bytes packet = with_extensions(0, chain);
  const auto ip = ConstIpv6View::parse(packet);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->protocol(), Protocol::Tcp);
  EXPECT_EQ(ip->header_length(), 72u);
  EXPECT_FALSE(ip->has_segments_left());
  const auto tcp = ConstTransportView::parse(*ip);
  ASSERT_TRUE(tcp);
  EXPECT_EQ(tcp->destination_port(), Port{80});
  EXPECT_EQ(tcp->payload().size(), 5u);
  EXPECT_EQ(transport_sum(*ip), 0xffff);
  for (std::size_t size = 40; size < 72; ++size)
    EXPECT_FALSE(ConstIpv6View::parse_quoted(ConstBytes{packet}.first(size))) << size;
  EXPECT_TRUE(ConstIpv6View::parse_quoted(ConstBytes{packet}.first(72)));
}

TEST(Ipv6View, TellsOfARoutingHeaderThatIsNotUsedUp) {
  for (const std::uint8_t type : std::array<std::uint8_t, 3>{0, 2, 4}) {
    const auto bytes =
        with_extensions(43, {6, 2, type, 1, 0, 0, 0, 0,  //
                             1, 2, 3,    4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    const auto ip = ConstIpv6View::parse(bytes);
    ASSERT_TRUE(ip);
    EXPECT_TRUE(ip->has_segments_left());
    EXPECT_EQ(ip->routing_type(), type);
    EXPECT_EQ(ip->protocol(), Protocol::Tcp);
  }
}

TEST(Ipv6View, TakesAnUnknownHeaderForTheUpperLayer) {
  for (const std::uint8_t number : std::array<std::uint8_t, 4>{50, 59, 135, 253}) {
    const Bytes packet = with_extensions(number, Bytes(8));
    EXPECT_EQ(ConstIpv6View::parse(packet)->protocol(), Protocol{number});
    EXPECT_EQ(ConstIpv6View::parse(packet)->header_length(), 40u);
  }
  const Bytes late_hop_by_hop =
      with_extensions(60, {0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0});
  EXPECT_EQ(ConstIpv6View::parse(late_hop_by_hop)->protocol(), Protocol{0});
}

TEST(Ipv6View, RefusesAnExtensionThatIsLongerThanThePacket) {
  Bytes packet = with_extensions(60, destination_options(1));
  packet[41] = 3;
  EXPECT_TRUE(ConstIpv6View::parse(packet)) << "32 of 33 bytes";
  packet[41] = 4;
  EXPECT_EQ(ConstIpv6View::check(packet), Defect::Truncated);
  EXPECT_FALSE(ConstIpv6View::parse(packet));
}

TEST(Ipv6View, BoundsTheChain) {
  EXPECT_EQ(ConstIpv6View::check(with_extensions(60, destination_options(8))), Defect::None);
  EXPECT_EQ(ConstIpv6View::check(with_extensions(60, destination_options(9))), Defect::Malformed);
  const Bytes twice = with_extensions(44, {44, 0, 0, 0, 0, 0, 0, 1, 6, 0, 0, 0, 0, 0, 0, 2});
  EXPECT_EQ(ConstIpv6View::check(twice), Defect::Malformed);
}

TEST(Ipv6View, TellsFragments) {
  const Bytes first = with_extensions(44, {60, 0, 0x00, 0x01, 0xde, 0xad, 0xbe, 0xef,  //
                                           6, 0, 0, 0, 0, 0, 0, 0});
  const auto ip = ConstIpv6View::parse(first);
  ASSERT_TRUE(ip);
  EXPECT_TRUE(ip->is_fragment());
  EXPECT_FALSE(ip->is_later_fragment());
  EXPECT_TRUE(ip->has_more_fragments());
  EXPECT_EQ(ip->fragment_id(), 0xdeadbeefu);
  EXPECT_EQ(ip->protocol(), Protocol::Tcp) << "behind the options";
  EXPECT_EQ(ip->fragment_protocol(), Protocol{60}) << "as later fragments have it";
  const Bytes later = with_extensions(44, {60, 0, 0x01, 0x28, 0xde, 0xad, 0xbe, 0xef});
  const auto second = ConstIpv6View::parse(later);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->is_later_fragment());
  EXPECT_EQ(second->fragment_offset(), 0x128u);
  EXPECT_FALSE(second->has_more_fragments());
  EXPECT_EQ(second->fragment_protocol(), Protocol{60});
  EXPECT_EQ(second->header_length(), 48u) << "what follows are data";
  EXPECT_FALSE(ConstTransportView::parse(*second));
}

TEST(Ipv6View, TakesAnAtomicFragmentForAWholePacket) {
  const Bytes atomic = with_extensions(44, {6, 0, 0x00, 0x06, 0, 0, 0, 7});  // reserved bits set
  const auto ip = ConstIpv6View::parse(atomic);
  ASSERT_TRUE(ip);
  EXPECT_FALSE(ip->is_fragment());
  EXPECT_TRUE(ConstTransportView::parse(*ip));
}

TEST(Ipv6View, DecrementsHopsAlone) {
  Bytes packet(kSyn6.begin(), kSyn6.end());
  Ipv6View::parse(packet)->decrement_hops();
  EXPECT_EQ(packet[7], 63);
  packet[7] = 64;
  EXPECT_EQ(packet, Bytes(kSyn6.begin(), kSyn6.end()));
}

TEST(StoreIpv6, WritesWhatTheViewReads) {
  Bytes packet(48, 0xee);
  store_ipv6(packet, {.source = test::kClient6,
                      .destination = test::kVip6,
                      .protocol = Protocol::Udp,
                      .tos = 0xb9,
                      .hops = 7});
  const auto ip = ConstIpv6View::parse(packet);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->source(), test::kClient6);
  EXPECT_EQ(ip->destination(), test::kVip6);
  EXPECT_EQ(ip->traffic_class(), 0xb9);
  EXPECT_EQ(ip->hops(), 7);
  EXPECT_EQ(ip->protocol(), Protocol::Udp);
  EXPECT_EQ(load_be32(packet, 0) & 0xfffff, 0u) << "flow label";
}

TEST(TransportView, ReadsSctp) {
  Bytes packet = test::make_request<Ipv4Addr>(Protocol::Sctp, 12);
  const auto read = [&packet] { return *ConstTransportView::parse(*ConstIpv4View::parse(packet)); };
  const MutableBytes chunks = MutableBytes{packet}.subspan(32);
  chunks[0] = sctp_chunk::kCookieEcho;
  store_be16(chunks, 2, 5);  // padded to 8
  chunks[8] = sctp_chunk::kAbort;
  EXPECT_TRUE(read().is_sctp());
  EXPECT_EQ(read().source_port(), Port{40000});
  EXPECT_EQ(read().verification_tag(), 0xabadcafeu);
  EXPECT_EQ(read().first_chunk_type(), sctp_chunk::kCookieEcho);
  EXPECT_EQ(read().second_chunk_type(), sctp_chunk::kAbort);
  EXPECT_TRUE(read().has_checksum());
  EXPECT_EQ(read().tcp_flags(), 0);
  store_be16(chunks, 2, 3);
  EXPECT_FALSE(read().second_chunk_type()) << "a length that no chunk has";
  store_be16(chunks, 2, 12);
  EXPECT_FALSE(read().second_chunk_type()) << "it is the last";
  const Bytes bare = test::make_request<Ipv6Addr>(Protocol::Sctp, 3);
  const auto sctp = ConstTransportView::parse(*ConstIpv6View::parse(bare));
  ASSERT_TRUE(sctp);
  EXPECT_FALSE(sctp->first_chunk_type());
}

TEST(FindPorts, ReadsFourBytesOfAQuotedPacket) {
  const Bytes packet = test::make_request<Ipv6Addr>(Protocol::Sctp, 3);
  const auto quoted = ConstIpv6View::parse_quoted(ConstBytes{packet}.first(44));
  ASSERT_TRUE(quoted);
  EXPECT_EQ(find_ports(*quoted), (Ports{Port{40000}, Port{80}}));
  EXPECT_FALSE(find_ports(*ConstIpv6View::parse_quoted(ConstBytes{packet}.first(43))));
}

/// The reference that other tests trust must itself notice a wrong byte.
TEST(ReferenceSums, NoticeEveryChangedByte) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp, Protocol::Sctp}) {
    Bytes packet = test::make_request<Ipv6Addr>(protocol, 9);
    ASSERT_TRUE(test::has_right_checksums(packet));
    for (std::size_t at = 40; at < packet.size(); ++at) {
      packet[at] ^= 0x10;
      EXPECT_FALSE(test::has_right_checksums(packet)) << at;
      packet[at] ^= 0x10;
    }
  }
}

}  // namespace
}  // namespace lvs::wire
