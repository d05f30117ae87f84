#include <gtest/gtest.h>

#include "tests/support/family.h"

// nat, through the whole engine: every value that a 16-bit sum can have, in requests and replies of
// both families, finished and left to the card.

namespace lvs::director {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kPayload = 4;

std::size_t checksum_place(const Bytes& packet, Protocol protocol) {
  return packet.size() - kPayload - test::transport_header_of(protocol) +
         (protocol == Protocol::Tcp ? 16u : 6u);
}

std::uint16_t pseudo_sum(const Bytes& packet) {
  Bytes all = test::with_pseudo_header(packet);
  all.resize(packet[0] / 16 == 4 ? 16 : 40);
  return static_cast<std::uint16_t>(~test::reference_checksum(all));
}

/// A connection of nat, and the specifications of a packet before and after the director.
template <typename Addr>
struct Sweep {
  explicit Sweep(Protocol protocol_of_service, bool of_replies)
      : protocol(protocol_of_service), bench(protocol), is_reply(of_replies) {
    bench.route_to(test::Ends<Addr>::kClient);
    EXPECT_EQ(bench.pass_packet(bench.request()).action, Action::Forward);
    before = is_reply ? bench.reply() : bench.request(wire::tcp_flag::kAck);
    before.payload = kPayload;
    before.tcp_flags = wire::tcp_flag::kAck;
    after = before;
    --after.hops;
    if (is_reply) {
      after.source = test::Ends<Addr>::kVip;
      after.source_port = Port{80};
    } else {
      after.destination = test::Ends<Addr>::kServer;
      after.destination_port = Port{8080};
    }
  }

  /// What leaves is, byte for byte, what the reference makes of the new addresses.
  void run() {
    const Bytes sent = test::make_packet(before);
    const Bytes expected = test::make_packet(after);
    std::vector<bool> seen(0x10000);
    for (std::uint32_t word = 0; word <= 0xffff; ++word) {
      Bytes passed = with_word(sent, word);
      seen[wire::load_be16(passed, checksum_place(passed, protocol))] = true;
      ASSERT_EQ(bench.pass_packet(passed).action, Action::Forward);
      ASSERT_EQ(passed, with_word(expected, word)) << "word " << word;
    }
    EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 0xffff) << "one form of zero is not sent";
  }

  static Bytes with_word(Bytes packet, std::uint32_t word) {
    wire::store_be16(packet, packet.size() - 2, static_cast<std::uint16_t>(word));
    test::finish_packet(packet);
    return packet;
  }

  Protocol protocol;
  test::FamilyBench<Addr> bench;
  bool is_reply;
  test::PacketSpec<Addr> before{};
  test::PacketSpec<Addr> after{};
};

template <typename Addr>
class NatSums : public testing::Test {};
using Families = testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(NatSums, Families);

TYPED_TEST(NatSums, EverySumOfRequestsStaysRight) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp})
    Sweep<TypeParam>(protocol, false).run();
}

TYPED_TEST(NatSums, EverySumOfRepliesStaysRight) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp})
    Sweep<TypeParam>(protocol, true).run();
}

/// With a sum that is left to the card the data does not matter, the addresses do.
template <typename Addr>
Addr with_last_word(Addr address, std::uint32_t word) {
  if constexpr (std::same_as<Addr, Ipv4Addr>) {
    return Ipv4Addr{(address.number() & 0xffff0000u) | word};
  } else {
    auto octets = address.octets();
    octets[14] = static_cast<std::uint8_t>(word >> 8);
    octets[15] = static_cast<std::uint8_t>(word);
    return Ipv6Addr{octets};
  }
}

/// Clients of every last word, and so of every sum of the pseudo-header but one form of zero: the
/// request, and the server's reply to it.
template <typename Addr>
void sweep_unfinished(Protocol protocol) {
  test::FamilyBench<Addr> bench(protocol, ForwardMethod::Masq, {.connections = 70000});
  const auto pass = [&](const test::PacketSpec<Addr>& from, const test::PacketSpec<Addr>& to) {
    Bytes packet = test::make_packet(from);
    Bytes wanted = test::make_packet(to);
    wire::store_be16(packet, checksum_place(packet, protocol), pseudo_sum(packet));
    wire::store_be16(wanted, checksum_place(wanted, protocol), pseudo_sum(wanted));
    const auto sum = wire::load_be16(packet, checksum_place(packet, protocol));
    ASSERT_EQ(bench.pass_packet(packet, {.checksum_unfinished = true}).action, Action::Forward);
    ASSERT_EQ(packet, wanted) << "sum " << sum;
  };
  for (std::uint32_t word = 1; word <= 0xffff; ++word) {
    const Addr client = with_last_word(test::Ends<Addr>::kClient, word);
    bench.route_to(client);
    test::PacketSpec<Addr> request = bench.request();
    request.source = client;
    request.payload = kPayload;
    test::PacketSpec<Addr> at_server = request;
    --at_server.hops;
    at_server.destination = test::Ends<Addr>::kServer;
    at_server.destination_port = Port{8080};
    ASSERT_NO_FATAL_FAILURE(pass(request, at_server));
    test::PacketSpec<Addr> reply = bench.reply();
    reply.destination = client;
    reply.payload = kPayload;
    test::PacketSpec<Addr> at_client = reply;
    --at_client.hops;
    at_client.source = test::Ends<Addr>::kVip;
    at_client.source_port = Port{80};
    ASSERT_NO_FATAL_FAILURE(pass(reply, at_client));
  }
}

TYPED_TEST(NatSums, EverySumThatIsLeftToTheCardStaysRight) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp})
    ASSERT_NO_FATAL_FAILURE(sweep_unfinished<TypeParam>(protocol));
}

/// RFC 768: zero is no sum, and no sum is not made one.
TYPED_TEST(NatSums, UdpWithoutASumStaysWithoutOne) {
  for (const bool of_replies : {false, true}) {
    Sweep<TypeParam> sweep(Protocol::Udp, of_replies);
    sweep.before.udp_checksum = sweep.after.udp_checksum = false;
    Bytes passed = test::make_packet(sweep.before);
    ASSERT_EQ(sweep.bench.pass_packet(passed).action, Action::Forward);
    EXPECT_EQ(passed, test::make_packet(sweep.after));
  }
}

/// And a sum that comes out as zero is sent as its other form.
TYPED_TEST(NatSums, UdpWhoseSumIsZeroIsSentAsAllOnes) {
  Sweep<TypeParam> sweep(Protocol::Udp, false);
  const Bytes expected = test::make_packet(sweep.after);
  const std::size_t place = checksum_place(expected, Protocol::Udp);
  std::uint32_t zeros = 0;
  for (std::uint32_t word = 0; word <= 0xffff; ++word) {
    if (wire::load_be16(sweep.with_word(expected, word), place) != 0xffff) continue;
    ++zeros;
    Bytes passed = sweep.with_word(test::make_packet(sweep.before), word);
    ASSERT_EQ(sweep.bench.pass_packet(passed).action, Action::Forward);
    EXPECT_EQ(wire::load_be16(passed, place), 0xffff);
  }
  EXPECT_EQ(zeros, 1u);
}

/// What came with a wrong sum leaves with a wrong one: its receiver has to notice.
TYPED_TEST(NatSums, AWrongSumStaysWrong) {
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
    for (const bool of_replies : {false, true}) {
      Sweep<TypeParam> sweep(protocol, of_replies);
      Bytes passed = test::make_packet(sweep.before);
      passed[passed.size() - 1] ^= 0x10;
      ASSERT_EQ(sweep.bench.pass_packet(passed).action, Action::Forward);
      EXPECT_FALSE(test::has_right_checksums(passed));
    }
  }
}

}  // namespace
}  // namespace lvs::director
