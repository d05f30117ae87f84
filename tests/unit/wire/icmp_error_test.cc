#include "net/wire/icmp_error.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "net/wire/icmp_answerable.h"
#include "tests/support/packets.h"

namespace lvs::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename Addr>
Bytes error_about(const Bytes& packet, const IcmpErrorFields& fields) {
  const auto about = *ConstIpView<Addr>::parse(packet);
  Bytes error(icmp_error_length(about) + 3, 0xee);
  const std::size_t length = store_icmp_error(error, about, test::Ends<Addr>::kVip, fields);
  EXPECT_EQ(Bytes(error.begin() + static_cast<std::ptrdiff_t>(length), error.end()),
            Bytes(3, 0xee));
  error.resize(length);
  return error;
}

TEST(IcmpError, TellsOfAPortOverIpv4) {
  const Bytes packet = test::make_request<Ipv4Addr>(Protocol::Udp, 10);
  const Bytes error = error_about<Ipv4Addr>(packet, {.kind = IcmpErrorKind::PortUnreachable});
  EXPECT_TRUE(test::has_right_checksums(error));
  const auto ip = ConstIpv4View::parse(error);
  ASSERT_TRUE(ip);
  EXPECT_EQ(ip->source(), test::kVip4);
  EXPECT_EQ(ip->destination(), test::kClient4);
  EXPECT_EQ(ip->tos(), 0xc0);
  EXPECT_TRUE(ip->may_be_fragmented());
  EXPECT_EQ(Bytes(error.begin() + 20, error.begin() + 22), (Bytes{3, 3}));
  EXPECT_EQ(load_be32(error, 24), 0u);
  EXPECT_EQ(Bytes(error.begin() + 28, error.end()), packet);
}

TEST(IcmpError, TellsTheMtuOverIpv4AndQuotesUpTo576Bytes) {
  test::PacketSpec<Ipv4Addr> spec = test::request_spec<Ipv4Addr>(Protocol::Tcp, 1400);
  spec.tos = 0x2b;  // its ECN field is not the error's
  const Bytes packet = test::make_packet(spec);
  const Bytes error = error_about<Ipv4Addr>(packet, {.kind = IcmpErrorKind::TooBig, .mtu = 1400});
  EXPECT_EQ(error.size(), 576u);
  EXPECT_TRUE(test::has_right_checksums(error));
  EXPECT_EQ(error[1], 0xc8);
  const auto icmp = ConstIcmpView::parse(ConstIpv4View::parse(error)->payload());
  EXPECT_TRUE(icmp->is_too_big());
  EXPECT_EQ(icmp->next_hop_mtu(), 1400);
  EXPECT_EQ(icmp->quoted()->destination(), test::kVip4);
}

TEST(IcmpError, TellsTheMtuOverIpv6AndQuotesUpTo1280Bytes) {
  const Bytes packet = test::make_request<Ipv6Addr>(Protocol::Tcp, 1400);
  const Bytes error = error_about<Ipv6Addr>(packet, {.kind = IcmpErrorKind::TooBig, .mtu = 100000});
  EXPECT_EQ(error.size(), 1280u);
  EXPECT_TRUE(test::has_right_checksums(error));
  const auto ip = ConstIpv6View::parse(error);
  EXPECT_EQ(ip->source(), test::kVip6);
  EXPECT_EQ(ip->destination(), test::kClient6);
  const auto icmp = ConstIcmpv6View::parse(ip->payload());
  EXPECT_EQ(error[40], 2);
  EXPECT_TRUE(icmp->is_too_big());
  EXPECT_EQ(icmp->next_hop_mtu(), 100000u);
  EXPECT_TRUE(has_valid_icmp_checksum(*ip));
  EXPECT_EQ(icmp->quoted()->source(), test::kClient6);
}

TEST(IcmpError, HasTheNumbersOfItsFamily) {
  const Bytes packet = test::make_request<Ipv6Addr>(Protocol::Sctp, 1);
  const Bytes port = error_about<Ipv6Addr>(packet, {.kind = IcmpErrorKind::PortUnreachable});
  EXPECT_EQ(Bytes(port.begin() + 40, port.begin() + 42), (Bytes{1, 4}));
  const Bytes hops = error_about<Ipv6Addr>(packet, {.kind = IcmpErrorKind::HopsExceeded});
  EXPECT_EQ(Bytes(hops.begin() + 40, hops.begin() + 42), (Bytes{3, 0}));
  EXPECT_TRUE(test::has_right_checksums(hops));
  const Bytes v4 = error_about<Ipv4Addr>(test::make_request<Ipv4Addr>(Protocol::Tcp, 1),
                                         {.kind = IcmpErrorKind::HopsExceeded});
  EXPECT_EQ(Bytes(v4.begin() + 20, v4.begin() + 22), (Bytes{11, 0}));
}

TEST(IcmpError, IsSentAboutTransportPacketsAndFirstFragments) {
  Bytes packet = test::make_request<Ipv4Addr>(Protocol::Tcp, 8);
  EXPECT_TRUE(is_answerable(*ConstIpv4View::parse(packet)));
  packet[6] = 0x20;
  EXPECT_TRUE(is_answerable(*ConstIpv4View::parse(packet)));
  packet[7] = 1;
  EXPECT_FALSE(is_answerable(*ConstIpv4View::parse(packet))) << "a later one";
}

TEST(IcmpError, IsNotSentAboutErrorsButAboutEchoes) {
  Bytes v4 = test::make_packet(test::request_spec<Ipv4Addr>(Protocol::Icmp, 8));
  Bytes v6 = test::make_packet(test::request_spec<Ipv6Addr>(Protocol::Icmpv6, 8));
  const auto v4_allows = [&v4](unsigned type) {
    v4[20] = static_cast<std::uint8_t>(type);
    return is_answerable(*ConstIpv4View::parse(v4));
  };
  const auto v6_allows = [&v6](unsigned type) {
    v6[40] = static_cast<std::uint8_t>(type);
    return is_answerable(*ConstIpv6View::parse(v6));
  };
  EXPECT_TRUE(v4_allows(8) && v4_allows(0) && v4_allows(13));
  for (const unsigned error : {3u, 4u, 5u, 11u, 12u}) EXPECT_FALSE(v4_allows(error)) << error;
  EXPECT_TRUE(v6_allows(128) && v6_allows(129));
  for (const unsigned error : {1u, 2u, 3u, 4u, 100u, 127u, 137u})
    EXPECT_FALSE(v6_allows(error)) << error;
}

TEST(IcmpError, IsNotSentWhereAnAddressIsNotOneHosts) {
  const auto allows = [](Ipv4Addr source, Ipv4Addr destination) {
    test::PacketSpec<Ipv4Addr> spec;
    spec.source = source;
    spec.destination = destination;
    const Bytes packet = test::make_packet(spec);
    return is_answerable(*ConstIpv4View::parse(packet));
  };
  EXPECT_TRUE(allows(test::kClient4, test::kVip4));
  for (const Ipv4Addr bad : {Ipv4Addr{0, 0, 0, 0}, Ipv4Addr{127, 0, 0, 1}, Ipv4Addr{224, 0, 0, 1},
                             Ipv4Addr{240, 0, 0, 1}, Ipv4Addr{255, 255, 255, 255}}) {
    EXPECT_FALSE(allows(bad, test::kVip4));
    EXPECT_FALSE(allows(test::kClient4, bad));
  }
  test::PacketSpec<Ipv6Addr> spec = test::request_spec<Ipv6Addr>(Protocol::Udp, 1);
  EXPECT_TRUE(is_answerable(*ConstIpv6View::parse(test::make_packet(spec))));
  spec.source = Ipv6Addr{};
  EXPECT_FALSE(is_answerable(*ConstIpv6View::parse(test::make_packet(spec))));
  spec = test::request_spec<Ipv6Addr>(Protocol::Udp, 1);
  spec.destination = Ipv6Addr{{0xff, 0x02}};
  EXPECT_FALSE(is_answerable(*ConstIpv6View::parse(test::make_packet(spec))));
}

}  // namespace
}  // namespace lvs::wire
