#include <gtest/gtest.h>

#include "tests/support/family.h"

// Fragments go the way of their first one, which alone shows the ports.

namespace lvs::director {
namespace {

using test::FamilyBench;
using test::PacketSpec;
using namespace wire::tcp_flag;

constexpr std::size_t kFirstPayload = 64;  // of the IP packet; a multiple of eight

template <typename Addr>
class Fragments : public ::testing::Test {};
using Families = ::testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(Fragments, Families);

/// A packet cut in two by hand.
std::array<std::vector<std::uint8_t>, 2> cut(const std::vector<std::uint8_t>& packet) {
  const bool v4 = packet[0] >> 4 == 4;
  const std::size_t header = v4 ? 20 : 40;
  std::array<std::vector<std::uint8_t>, 2> pieces;
  for (std::size_t i = 0; i < 2; ++i) {
    std::vector<std::uint8_t>& piece = pieces[i];
    const auto begin = packet.begin() + static_cast<std::ptrdiff_t>(header);
    const auto middle = begin + static_cast<std::ptrdiff_t>(kFirstPayload);
    piece.assign(packet.begin(), begin);
    if (!v4) {
      const std::uint8_t extension[8] = {
          packet[6], 0, 0, static_cast<std::uint8_t>(i == 0 ? 1 : kFirstPayload), 0, 0, 0x77, 0x77};
      piece.insert(piece.end(), extension, extension + 8);
      piece[6] = 44;
    }
    piece.insert(piece.end(), i == 0 ? begin : middle, i == 0 ? middle : packet.end());
    if (v4) {
      wire::store_be16(piece, 2, static_cast<std::uint16_t>(piece.size()));
      wire::store_be16(piece, 6, i == 0 ? 0x2000 : kFirstPayload / 8);
      wire::store_be16(piece, 10, 0);
      wire::store_be16(piece, 10, test::reference_checksum({piece.begin(), piece.begin() + 20}));
    } else {
      wire::store_be16(piece, 4, static_cast<std::uint16_t>(piece.size() - 40));
    }
  }
  return pieces;
}

template <typename Addr>
PacketSpec<Addr> datagram(const FamilyBench<Addr>& bench) {
  PacketSpec<Addr> spec = bench.request();
  spec.payload = 150;
  spec.dont_fragment = false;
  return spec;
}

TYPED_TEST(Fragments, AreRewrittenLikeTheWholePacket) {
  FamilyBench<TypeParam> bench(Protocol::Udp);
  PacketSpec<TypeParam> spec = datagram(bench);
  auto pieces = cut(test::make_packet(spec));
  spec.destination = test::Ends<TypeParam>::kServer;
  spec.destination_port = Port{8080};
  spec.hops = 63;
  const auto expected = cut(test::make_packet(spec));
  for (std::size_t i = 0; i < 2; ++i) {
    const Verdict verdict = bench.pass_packet(pieces[i]);
    ASSERT_EQ(verdict.action, Action::Forward);
    EXPECT_EQ(verdict.wakes != WaitKey{}, i == 0);
    EXPECT_EQ(pieces[i], expected[i]) << "put together they have the right checksum";
  }
  EXPECT_EQ(bench.status(bench.service.key).counters.packets_in, 2u);
}

TYPED_TEST(Fragments, OfRepliesToo) {
  FamilyBench<TypeParam> bench(Protocol::Udp);
  bench.route_to(test::Ends<TypeParam>::kClient);
  bench.pass_packet(bench.request());
  PacketSpec<TypeParam> spec = bench.reply();
  spec.payload = 150;
  spec.dont_fragment = false;
  auto pieces = cut(test::make_packet(spec));
  spec.source = test::Ends<TypeParam>::kVip;
  spec.source_port = Port{80};
  spec.hops = 63;
  const auto expected = cut(test::make_packet(spec));
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(bench.pass_packet(pieces[i]).action, Action::Forward);
    EXPECT_EQ(pieces[i], expected[i]);
  }
}

TYPED_TEST(Fragments, WaitForTheirFirstOne) {
  FamilyBench<TypeParam> bench(Protocol::Udp);
  auto pieces = cut(test::make_packet(datagram(bench)));
  const auto before = pieces[1];
  const Verdict waiting = bench.pass_packet(pieces[1]);
  EXPECT_EQ(waiting.action, Action::Wait);
  EXPECT_EQ(waiting.reason, DropReason::Fragment);
  EXPECT_EQ(pieces[1], before);
  EXPECT_EQ(bench.pass_packet(pieces[0]).wakes, waiting.waits_for);
  EXPECT_EQ(bench.pass_packet(pieces[1]).action, Action::Forward);
}

TYPED_TEST(Fragments, OfNatServersWaitToo) {
  FamilyBench<TypeParam> bench(Protocol::Udp);
  PacketSpec<TypeParam> spec = bench.reply();
  spec.payload = 150;
  EXPECT_EQ(bench.pass_packet(cut(test::make_packet(spec))[1]).action, Action::Wait);
  spec.source = test::Ends<TypeParam>::kVip;
  EXPECT_EQ(bench.pass_packet(cut(test::make_packet(spec))[1]).action, Action::Kernel)
      << "of strangers to strangers";
}

TYPED_TEST(Fragments, AreForgottenAfterHalfAMinute) {
  FamilyBench<TypeParam> bench(Protocol::Udp);
  auto pieces = cut(test::make_packet(datagram(bench)));
  bench.pass_packet(pieces[0]);
  bench.pass(seconds_to_ticks(30));
  EXPECT_EQ(bench.pass_packet(pieces[1]).action, Action::Wait);
}

TYPED_TEST(Fragments, GoWhereTheHostGotTheFirst) {
  FamilyBench<TypeParam> bench(Protocol::Udp);
  PacketSpec<TypeParam> spec = datagram(bench);
  spec.destination_port = Port{81};
  auto pieces = cut(test::make_packet(spec));
  EXPECT_EQ(bench.pass_packet(pieces[0]).action, Action::Kernel);
  EXPECT_EQ(bench.pass_packet(pieces[1]).action, Action::Kernel);
}

TYPED_TEST(Fragments, OfADroppedFirstAreDropped) {
  FamilyBench<TypeParam> bench(Protocol::Udp);
  PacketSpec<TypeParam> spec = datagram(bench);
  spec.hops = 1;
  auto pieces = cut(test::make_packet(spec));
  EXPECT_EQ(bench.pass_packet(pieces[0]).action, Action::Answer);
  EXPECT_EQ(bench.pass_packet(pieces[1]).action, Action::Drop) << "and nothing is said";
}

TYPED_TEST(Fragments, GoThroughATunnelWithHeadersOfTheirOwn) {
  FamilyBench<TypeParam> bench(Protocol::Udp);
  ASSERT_TRUE(bench.engine.remove_server(bench.service.key, test::Ends<TypeParam>::kServer,
                                         Port{8080}, bench.now));
  ServerConfig config = test::server_of<TypeParam>(ForwardMethod::Tunnel, bench, Port{80});
  config.address = test::kServer4;
  bench.engine.add_server(bench.service.key, config).value();
  for (auto& piece : cut(test::make_packet(datagram(bench)))) {
    std::vector<std::uint8_t> packet = piece;
    const Verdict verdict = bench.pass_packet(packet);
    ASSERT_EQ(verdict.action, Action::Forward);
    EXPECT_EQ(verdict.outer_length, 20);
    EXPECT_EQ(packet.size(), piece.size() + 20);
  }
}

// The CRC of SCTP covers the whole packet, which nobody here ever sees.
TYPED_TEST(Fragments, OfSctpCannotHaveTheirPortChanged) {
  FamilyBench<TypeParam> bench(Protocol::Sctp);
  PacketSpec<TypeParam> spec = datagram(bench);
  std::vector<std::uint8_t> packet = test::make_packet(spec);
  packet[packet.size() - 150] = wire::sctp_chunk::kInit;
  auto pieces = cut(packet);
  EXPECT_EQ(bench.pass_packet(pieces[0]).reason, DropReason::Fragment);
  EXPECT_EQ(bench.pass_packet(pieces[1]).reason, DropReason::Fragment);
}

}  // namespace
}  // namespace lvs::director
