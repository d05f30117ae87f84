#include "net/wire/rewrite.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "net/wire/rewrite_icmp.h"
#include "tests/support/packets.h"

// What the property tests (tests/property/rewrite_test.cc) do not meet.

namespace lvs::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr Endpoint<Ipv4Addr> kServer{test::kServer4, Port{8080}};

TEST(Rewrite, LeavesUdpWithoutAChecksumWithoutOne) {
  test::PacketSpec<Ipv4Addr> spec = test::request_spec<Ipv4Addr>(Protocol::Udp, 5);
  spec.udp_checksum = false;
  Bytes packet = test::make_packet(spec);
  ASSERT_TRUE(
      rewrite(*Ipv4View::parse(packet), End::Destination, kServer, ChecksumState::Finished));
  EXPECT_EQ(load_be16(packet, 26), 0);
  EXPECT_TRUE(test::has_right_checksums(packet));
}

TEST(Rewrite, LeavesAWrongChecksumWrong) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
    Bytes packet = test::make_request<Ipv6Addr>(protocol, 5);
    packet.back() ^= 0x40;
    ASSERT_TRUE(rewrite(*Ipv6View::parse(packet), End::Destination,
                        Endpoint<Ipv6Addr>{test::kServer6, Port{1}}, ChecksumState::Finished));
    EXPECT_FALSE(test::has_right_checksums(packet));
    packet.back() ^= 0x40;
    EXPECT_TRUE(test::has_right_checksums(packet));
  }
}

TEST(Rewrite, ChangesTheAddressAloneInALaterFragment) {
  Bytes packet = test::make_request<Ipv4Addr>(Protocol::Tcp, 8);
  packet[6] = 0x20, packet[7] = 3;
  test::finish_packet(packet);
  const Bytes before = packet;
  ASSERT_TRUE(
      rewrite(*Ipv4View::parse(packet), End::Destination, kServer, ChecksumState::Finished));
  EXPECT_EQ(Ipv4View::parse(packet)->destination(), test::kServer4);
  EXPECT_TRUE(Ipv4View::parse(packet)->has_valid_checksum());
  EXPECT_TRUE(std::equal(before.begin() + 20, before.end(), packet.begin() + 20));
}

/// The first fragment carries the checksum of the whole: put together again, it is right.
TEST(Rewrite, KeepsTheChecksumOfAPacketThatIsInFragments) {
  test::PacketSpec<Ipv4Addr> spec = test::request_spec<Ipv4Addr>(Protocol::Udp, 32);
  const Bytes whole = test::make_packet(spec);
  Bytes first(whole.begin(), whole.begin() + 44);
  Bytes second(whole.begin(), whole.begin() + 20);
  second.insert(second.end(), whole.begin() + 44, whole.end());
  first[3] = 44, first[6] = 0x20;
  second[3] = 36, second[6] = 0, second[7] = 3;
  for (Bytes* fragment : {&first, &second}) {
    test::finish_packet(*fragment);
    ASSERT_TRUE(
        rewrite(*Ipv4View::parse(*fragment), End::Destination, kServer, ChecksumState::Finished));
    EXPECT_TRUE(test::has_right_checksums(*fragment));
  }
  spec.destination = kServer.address;
  spec.destination_port = kServer.port;
  const Bytes expected = test::make_packet(spec);
  first.insert(first.end(), second.begin() + 20, second.end());
  EXPECT_TRUE(std::equal(expected.begin() + 12, expected.end(), first.begin() + 12));
}

TEST(Rewrite, RefusesATransportHeaderThatIsCutOff) {
  for (const std::size_t transport : {0u, 4u, 17u}) {
    Bytes packet = test::make_request<Ipv4Addr>(Protocol::Tcp, 8);
    packet.resize(20 + transport);
    packet[3] = static_cast<std::uint8_t>(packet.size());
    const Bytes before = packet;
    EXPECT_FALSE(
        rewrite(*Ipv4View::parse(packet), End::Destination, kServer, ChecksumState::Finished));
    EXPECT_EQ(packet, before);
  }
}

TEST(Rewrite, ChangesNoPortOfAnSctpFragment) {
  Bytes packet = test::make_request<Ipv4Addr>(Protocol::Sctp, 8);
  packet[6] = 0x20;
  test::finish_packet(packet);
  const Bytes before = packet;
  const Ipv4View ip = *Ipv4View::parse(packet);
  EXPECT_FALSE(rewrite(ip, End::Destination, kServer, ChecksumState::Finished));
  EXPECT_EQ(packet, before);
  EXPECT_TRUE(rewrite(ip, End::Destination, {test::kServer4, Port{80}}, ChecksumState::Finished))
      << "the CRC covers no address";
  EXPECT_TRUE(std::equal(before.begin() + 20, before.end(), packet.begin() + 20));
}

TEST(Rewrite, ChangesTheAddressAloneWithoutPorts) {
  test::PacketSpec<Ipv4Addr> spec = test::request_spec<Ipv4Addr>(Protocol::Icmp, 8);
  Bytes packet = test::make_packet(spec);
  ASSERT_TRUE(rewrite(*Ipv4View::parse(packet), End::Source, kServer, ChecksumState::Finished));
  EXPECT_TRUE(test::has_right_checksums(packet));
  EXPECT_EQ(Ipv4View::parse(packet)->source(), test::kServer4);
}

TEST(RewriteIcmpError, RefusesWhatIsNoErrorAndFragments) {
  Bytes echo = test::make_packet(test::request_spec<Ipv4Addr>(Protocol::Icmp, 28));
  echo[20] = 8;
  EXPECT_FALSE(rewrite_icmp_error(*Ipv4View::parse(echo), End::Source, kServer));
  const Bytes quoted = test::make_request<Ipv4Addr>(Protocol::Tcp, 0);
  echo[20] = 3;
  EXPECT_FALSE(rewrite_icmp_error(*Ipv4View::parse(echo), End::Source, kServer)) << "no header";
  std::copy_n(quoted.begin(), 28, echo.begin() + 28);
  EXPECT_TRUE(rewrite_icmp_error(*Ipv4View::parse(echo), End::Source, kServer));
  echo[6] = 0x20;
  EXPECT_FALSE(rewrite_icmp_error(*Ipv4View::parse(echo), End::Source, kServer));
  Bytes tcp = test::make_request<Ipv4Addr>(Protocol::Tcp, 40);
  EXPECT_FALSE(rewrite_icmp_error(*Ipv4View::parse(tcp), End::Source, kServer));
}

TEST(RewriteIcmpError, ChangesNoPortInAQuotedLaterFragment) {
  test::PacketSpec<Ipv4Addr> spec = test::request_spec<Ipv4Addr>(Protocol::Icmp, 28 - 4);
  Bytes error = test::make_packet(spec);
  Bytes quoted = test::make_request<Ipv4Addr>(Protocol::Udp, 8);
  quoted[7] = 9;
  test::finish_packet(quoted);
  error[20] = 11;
  std::copy_n(quoted.begin(), 28, error.begin() + 28);
  test::finish_packet(error);
  ASSERT_TRUE(rewrite_icmp_error(*Ipv4View::parse(error), End::Destination, kServer));
  EXPECT_TRUE(test::has_right_checksums(error));
  const auto changed = ConstIpv4View::parse_quoted(ConstBytes{error}.subspan(28));
  EXPECT_EQ(changed->source(), test::kServer4);
  EXPECT_TRUE(changed->has_valid_checksum());
  EXPECT_TRUE(std::equal(quoted.begin() + 20, quoted.begin() + 28, error.begin() + 48));
}

}  // namespace
}  // namespace lvs::wire
