#include "net/wire/rewrite.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <random>
#include <vector>

#include "net/wire/rewrite_icmp.h"
#include "tests/support/packets.h"

// Rewriting by adjustment against making the packet anew, by a reference that shares nothing with
// it: every value that a 16-bit sum can have, then random packets.

namespace lvs::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename Addr>
Addr random_address(std::mt19937& random) {
  if constexpr (std::same_as<Addr, Ipv4Addr>) {
    return Ipv4Addr{static_cast<std::uint32_t>(random())};
  } else {
    std::array<std::uint8_t, 16> octets{};
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(random());
    return Ipv6Addr{octets};
  }
}

template <typename Addr>
class Rewriting : public testing::Test {};
using Families = testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(Rewriting, Families);

/// A payload word of every value gives the checksum every value.
template <typename Addr>
void sweep_sums(Protocol protocol, End end, std::uint16_t port) {
  test::PacketSpec<Addr> spec = test::request_spec<Addr>(protocol, 4);
  Bytes packet = test::make_packet(spec);
  (end == End::Source ? spec.source : spec.destination) = test::Ends<Addr>::kServer;
  (end == End::Source ? spec.source_port : spec.destination_port) = Port{port};
  Bytes expected = test::make_packet(spec);
  std::vector<bool> seen(0x10000);
  const std::size_t field = detail::checksum_field(protocol);
  for (std::uint32_t word = 0; word <= 0xffff; ++word) {
    store_be16(packet, packet.size() - 2, static_cast<std::uint16_t>(word));
    store_be16(expected, expected.size() - 2, static_cast<std::uint16_t>(word));
    test::finish_packet(packet);
    test::finish_packet(expected);
    const IpView<Addr> ip = *IpView<Addr>::parse(packet);
    seen[load_be16(ip.payload(), field)] = true;
    ASSERT_TRUE(rewrite(ip, end, {test::Ends<Addr>::kServer, Port{port}}, ChecksumState::Finished));
    ASSERT_EQ(packet, expected) << word;
    const Addr back = end == End::Source ? test::Ends<Addr>::kClient : test::Ends<Addr>::kVip;
    const Port back_port{static_cast<std::uint16_t>(end == End::Source ? 40000 : 80)};
    ASSERT_TRUE(rewrite(ip, end, {back, back_port}, ChecksumState::Finished));
  }
  // All but one form of zero: TCP never sends 0xffff, UDP never 0.
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 0xffff);
}

TYPED_TEST(Rewriting, KeepsEverySumOfTcpRight) {
  sweep_sums<TypeParam>(Protocol::Tcp, End::Destination, 8080);
  sweep_sums<TypeParam>(Protocol::Tcp, End::Source, 0);
}

TYPED_TEST(Rewriting, KeepsEverySumOfUdpRight) {
  sweep_sums<TypeParam>(Protocol::Udp, End::Destination, 53);
  sweep_sums<TypeParam>(Protocol::Udp, End::Source, 0xffff);
}

template <typename Addr>
std::uint16_t pseudo_sum(const Bytes& packet) {
  Bytes all = test::with_pseudo_header(packet);
  all.resize(std::same_as<Addr, Ipv4Addr> ? 16 : 40);
  return static_cast<std::uint16_t>(~test::reference_checksum(all));
}

/// The last word of the new address takes every value, and with it the pseudo-header's sum.
TYPED_TEST(Rewriting, KeepsEveryUnfinishedSumRight) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
    test::PacketSpec<TypeParam> spec = test::request_spec<TypeParam>(protocol, 3);
    Bytes packet = test::make_packet(spec);
    const IpView<TypeParam> ip = *IpView<TypeParam>::parse(packet);
    const std::size_t field = detail::checksum_field(protocol);
    store_be16(ip.payload(), field, pseudo_sum<TypeParam>(packet));
    spec.destination_port = Port{8080};
    spec.destination = test::Ends<TypeParam>::kServer;
    Bytes expected = test::make_packet(spec);
    const IpView<TypeParam> target = *IpView<TypeParam>::parse(expected);
    const std::size_t last = IpView<TypeParam>::kDestinationField + sizeof(TypeParam) - 2;
    for (std::uint32_t word = 0; word <= 0xffff; ++word) {
      store_be16(expected, last, static_cast<std::uint16_t>(word));
      test::finish_packet(expected);
      store_be16(target.payload(), field, pseudo_sum<TypeParam>(expected));
      ASSERT_TRUE(rewrite(ip, End::Destination, {target.destination(), Port{8080}},
                          ChecksumState::Unfinished));
      ASSERT_EQ(packet, expected) << word;
    }
  }
}

TYPED_TEST(Rewriting, OfRandomPacketsIsThatOfMakingThemAnew) {
  std::mt19937 random(1624);
  constexpr std::array<Protocol, 3> kProtocols{Protocol::Tcp, Protocol::Udp, Protocol::Sctp};
  for (int round = 0; round < 3000; ++round) {
    test::PacketSpec<TypeParam> spec =
        test::request_spec<TypeParam>(kProtocols[random() % 3], random() % 70);
    spec.source = random_address<TypeParam>(random);
    spec.udp_checksum = random() % 4 != 0;
    if (random() % 2 == 0) {  // IPv4: options that mean nothing
      spec.options = {static_cast<std::uint8_t>(spec.protocol), 0, 1, 4, 0, 0, 0, 0};
      spec.first_extension = 60;
    }
    Bytes packet = test::make_packet(spec);
    const End end = random() % 2 == 0 ? End::Source : End::Destination;
    const Endpoint<TypeParam> to{random_address<TypeParam>(random),
                                 Port{static_cast<std::uint16_t>(random())}};
    (end == End::Source ? spec.source : spec.destination) = to.address;
    (end == End::Source ? spec.source_port : spec.destination_port) = to.port;
    const IpView<TypeParam> ip = *IpView<TypeParam>::parse(packet);
    ASSERT_TRUE(rewrite(ip, end, to, ChecksumState::Finished));
    ASSERT_EQ(packet, test::make_packet(spec)) << round;
  }
}

/// An error about a packet of `protocol`, as long as a sender might cut it.
template <typename Addr>
Bytes make_error(const Bytes& quoted, const Addr& from, const Addr& to) {
  test::PacketSpec<Addr> spec;
  spec.source = from;
  spec.destination = to;
  spec.protocol = std::same_as<Addr, Ipv4Addr> ? Protocol::Icmp : Protocol::Icmpv6;
  const std::size_t header = std::same_as<Addr, Ipv4Addr> ? 20 : 40;
  spec.payload = quoted.size() + 8 - test::transport_header_of(spec.protocol);
  Bytes packet = test::make_packet(spec);
  std::fill_n(packet.begin() + static_cast<std::ptrdiff_t>(header), 8, std::uint8_t{0});
  packet[header] = std::same_as<Addr, Ipv4Addr> ? 3 : 1;
  packet[header + 1] = 1;
  std::copy(quoted.begin(), quoted.end(), packet.begin() + static_cast<std::ptrdiff_t>(header + 8));
  test::finish_packet(packet);
  return packet;
}

TYPED_TEST(Rewriting, OfIcmpErrorsIsThatOfMakingThemAnew) {
  using Ends = test::Ends<TypeParam>;
  std::mt19937 random(4443);
  constexpr std::array<Protocol, 3> kProtocols{Protocol::Tcp, Protocol::Udp, Protocol::Sctp};
  const std::size_t header = std::same_as<TypeParam, Ipv4Addr> ? 20 : 40;
  for (int round = 0; round < 20000; ++round) {
    test::PacketSpec<TypeParam> spec =
        test::request_spec<TypeParam>(kProtocols[random() % 3], random() % 30);
    spec.source = random_address<TypeParam>(random);
    spec.destination = Ends::kServer;
    spec.destination_port = Port{8080};
    Bytes inside = test::make_packet(spec);
    Bytes outside = inside;  // its transport checksum stays as it is
    store_be16(outside, header + 2, 80);
    const IpView<TypeParam> written = *IpView<TypeParam>::parse(outside);
    store_address(outside, IpView<TypeParam>::kDestinationField, Ends::kVip);
    if (written.header_length() == 20) {
      store_be16(outside, 10, 0);
      store_be16(outside, 10, test::reference_checksum({outside.begin(), outside.begin() + 20}));
    }
    const std::size_t cut = header + 4 + random() % (inside.size() - header - 3);
    inside.resize(cut);
    outside.resize(cut);
    if (round % 8 == 0 && header == 20) inside[10] ^= 0x55;  // routers leave it wrong
    Bytes error = make_error<TypeParam>(inside, Ends::kServer, spec.source);
    ASSERT_TRUE(rewrite_icmp_error(*IpView<TypeParam>::parse(error), End::Source,
                                   Endpoint<TypeParam>{Ends::kVip, Port{80}}));
    ASSERT_EQ(error, make_error<TypeParam>(outside, Ends::kVip, spec.source)) << round;
    ASSERT_TRUE(test::has_right_checksums(error));
  }
}

}  // namespace
}  // namespace lvs::wire
