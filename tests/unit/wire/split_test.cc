#include "net/wire/split.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "net/wire/encapsulate.h"
#include "net/wire/transport.h"
#include "tests/support/packets.h"

// What the property tests (tests/property/split_test.cc) do not meet.

namespace lvs::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes frame_of(const Bytes& packet, bool v4 = true) {
  Bytes frame(14, 0x02);
  frame[12] = v4 ? 0x08 : 0x86;
  frame[13] = v4 ? 0x00 : 0xdd;
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

/// Packets, without Ethernet's header.
std::vector<Bytes> pieces_of(const Bytes& frame, const SplitRequest& request) {
  std::vector<Bytes> pieces;
  auto splitter = FrameSplitter::begin(frame, request);
  if (!splitter) return pieces;
  Bytes out(splitter->longest_piece());
  for (std::size_t length = splitter->next(out); length != 0; length = splitter->next(out))
    pieces.emplace_back(out.begin() + 14, out.begin() + static_cast<std::ptrdiff_t>(length));
  return pieces;
}

test::PacketSpec<Ipv4Addr> cuttable(std::size_t payload) {
  test::PacketSpec<Ipv4Addr> spec = test::request_spec<Ipv4Addr>(Protocol::Udp, payload);
  spec.dont_fragment = false;
  return spec;
}

/// A datagram of 1480 + 1480 + 48 bytes of data over an MTU of 1500: the offsets that every stack
/// makes of it.
TEST(FrameSplitter, CutsAsRfc791Says) {
  const auto pieces =
      pieces_of(frame_of(test::make_packet(cuttable(3000))), {.piece_length = 1500});
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_EQ(load_be16(pieces[0], 6), 0x2000);
  EXPECT_EQ(load_be16(pieces[1], 6), 0x2000 + 185);
  EXPECT_EQ(load_be16(pieces[2], 6), 370);
  EXPECT_EQ(load_be16(pieces[2], 2), 20 + 48);
  for (const Bytes& piece : pieces) EXPECT_TRUE(test::has_right_checksums(piece));
}

TEST(FrameSplitter, CopiesTheOptionsThatAreToBeCopied) {
  test::PacketSpec<Ipv4Addr> spec = cuttable(200);
  spec.options = {1, 7, 3,    4, 0x94, 4,
                  0, 0, 0x83, 3, 4,    0};  // nop, record route, alert, source route
  const auto pieces = pieces_of(frame_of(test::make_packet(spec)), {.piece_length = 120});
  ASSERT_GT(pieces.size(), 1u);
  EXPECT_EQ(Bytes(pieces[0].begin() + 20, pieces[0].begin() + 32), spec.options);
  EXPECT_EQ(pieces[1][0], 0x47);
  EXPECT_EQ(Bytes(pieces[1].begin() + 20, pieces[1].begin() + 28),
            (Bytes{0x94, 4, 0, 0, 0x83, 3, 4, 0}));
  EXPECT_TRUE(test::has_right_checksums(pieces[1]));
}

TEST(FrameSplitter, SurvivesOptionsThatLie) {
  for (const Bytes& options : {Bytes{0x94, 0, 0, 0}, Bytes{0x94, 5, 0, 0}, Bytes{1, 1, 1, 0x94}}) {
    test::PacketSpec<Ipv4Addr> spec = cuttable(200);
    spec.options = options;
    const auto pieces = pieces_of(frame_of(test::make_packet(spec)), {.piece_length = 120});
    ASSERT_GT(pieces.size(), 1u);
    EXPECT_EQ(pieces[1][0], 0x45);
  }
}

/// The second fragment of something, 300 bytes from offset 800 on, with more behind it.
TEST(FrameSplitter, CutsFragmentsFurther) {
  Bytes fragment = test::make_packet(cuttable(292));
  store_be16(fragment, 6, 0x2000 + 100);
  test::finish_packet(fragment);
  const auto pieces = pieces_of(frame_of(fragment), {.piece_length = 220});
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(load_be16(pieces[0], 6), 0x2000 + 100);
  EXPECT_EQ(load_be16(pieces[1], 6), 0x2000 + 100 + 25);
  EXPECT_EQ(pieces[1].size(), 120u);
}

TEST(FrameSplitter, NeverCutsWhatMayNotBeCut) {
  const auto can = [](const Bytes& frame, const SplitRequest& request) {
    return FrameSplitter::begin(frame, request).has_value();
  };
  const Bytes may = frame_of(test::make_packet(cuttable(500)));
  EXPECT_TRUE(can(may, {.piece_length = 100}));
  EXPECT_TRUE(can(may, {.piece_length = 28}));
  EXPECT_FALSE(can(may, {.piece_length = 27})) << "no eight bytes fit";
  const Bytes may_not = frame_of(test::make_request<Ipv4Addr>(Protocol::Udp, 500));
  EXPECT_FALSE(can(may_not, {.piece_length = 100}));
  EXPECT_TRUE(can(may_not, {.piece_length = 528})) << "it fits";
  const Bytes v6 = frame_of(test::make_request<Ipv6Addr>(Protocol::Udp, 500), false);
  EXPECT_FALSE(can(v6, {.piece_length = 100}));
  EXPECT_TRUE(can(v6, {.segment_size = 40})) << "segments are no fragments";
}

TEST(FrameSplitter, RefusesWhatItCannotFinish) {
  Bytes fragment = test::make_packet(cuttable(100));
  fragment[6] = 0x20;
  const auto can = [](const Bytes& frame, const SplitRequest& request) {
    return FrameSplitter::begin(frame, request).has_value();
  };
  EXPECT_FALSE(can(frame_of(fragment), {.checksum_unfinished = true}));
  EXPECT_FALSE(can(frame_of(fragment), {.segment_size = 10}));
  EXPECT_TRUE(can(frame_of(fragment), {}));
  const Bytes sctp = frame_of(test::make_request<Ipv4Addr>(Protocol::Sctp, 100));
  EXPECT_FALSE(can(sctp, {.segment_size = 10}));
  EXPECT_FALSE(can(Bytes(13), {}));
  EXPECT_FALSE(can(sctp, {.outer_length = 20})) << "the inner packet is none";
}

TEST(FrameSplitter, WritesOnePieceOfWhatFits) {
  const Bytes packet = test::make_packet(cuttable(100));
  EXPECT_EQ(pieces_of(frame_of(packet), {}), std::vector<Bytes>{packet});
  Bytes unfinished = packet;
  store_be16(unfinished, 26, 0x1111);
  EXPECT_EQ(pieces_of(frame_of(unfinished), {.checksum_unfinished = true}),
            std::vector<Bytes>{packet});
}

TEST(FrameSplitter, WritesNothingWithoutRoom) {
  const Bytes frame = frame_of(test::make_packet(cuttable(100)));
  auto splitter = FrameSplitter::begin(frame, {.piece_length = 60});
  ASSERT_TRUE(splitter);
  EXPECT_EQ(splitter->longest_piece(), 74u);
  Bytes out(73);
  EXPECT_EQ(splitter->next(out), 0u);
}

TEST(FrameSplitter, KeepsUdpWithoutAChecksumWithoutOne) {
  test::PacketSpec<Ipv4Addr> spec = cuttable(100);
  spec.udp_checksum = false;
  const auto pieces = pieces_of(frame_of(test::make_packet(spec)), {.segment_size = 60});
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(load_be16(pieces[1], 26), 0);
  EXPECT_EQ(load_be16(pieces[1], 24), 8 + 40);
}

TEST(FrameSplitter, TellsTcpFlagsWhereTheyBelong) {
  test::PacketSpec<Ipv6Addr> spec = test::request_spec<Ipv6Addr>(Protocol::Tcp, 25);
  spec.tcp_flags = 0xff;
  const auto pieces = pieces_of(frame_of(test::make_packet(spec), false), {.segment_size = 10});
  ASSERT_EQ(pieces.size(), 3u);
  constexpr unsigned kOnlyLast = tcp_flag::kFin | tcp_flag::kPsh;
  EXPECT_EQ(pieces[0][53], 0xff & ~kOnlyLast);
  EXPECT_EQ(pieces[1][53], 0xff & ~kOnlyLast & ~unsigned{tcp_flag::kCwr});
  EXPECT_EQ(pieces[2][53], 0xff & ~unsigned{tcp_flag::kCwr});
  EXPECT_EQ(load_be32(pieces[2], 44), 0xfffffff0u + 20) << "sequence numbers wrap";
}

TEST(FrameSplitter, KeepsAVlanTag) {
  Bytes frame = frame_of(test::make_packet(cuttable(100)));
  frame.insert(frame.begin() + 12, {0x81, 0x00, 0x00, 0x05});
  auto splitter = FrameSplitter::begin(frame, {.piece_length = 100});
  ASSERT_TRUE(splitter);
  Bytes out(splitter->longest_piece());
  ASSERT_NE(splitter->next(out), 0u);
  EXPECT_TRUE(std::equal(frame.begin(), frame.begin() + 18, out.begin()));
}

/// A super-packet of the greatest length: its outer header cannot tell how long it is.
TEST(FrameSplitter, CutsTheLongestSuperPacketInATunnel) {
  const Bytes inner = test::make_request<Ipv4Addr>(Protocol::Tcp, 65535 - 40);
  Bytes packet(32);
  packet.insert(packet.end(), inner.begin(), inner.end());
  encapsulate(packet, *ConstIpv4View::parse(inner),
              {.type = TunnelType::Gue,
               .checksum = true,
               .port = Port{6080},
               .source = Ipv4Addr(10, 0, 0, 1),
               .destination = test::kServer4},
              {.source_port = Port{50000}, .finish_later = true});
  const auto pieces =
      pieces_of(frame_of(packet), {.outer_length = 32, .piece_length = 1500, .segment_size = 1428});
  ASSERT_EQ(pieces.size(), 46u);
  std::size_t payload = 0;
  for (const Bytes& piece : pieces) {
    EXPECT_TRUE(test::has_right_checksums(piece));
    EXPECT_TRUE(test::has_right_checksums(ConstBytes{piece}.subspan(32)));
    EXPECT_EQ(load_be16(piece, 2), piece.size());
    payload += piece.size() - 72;
  }
  EXPECT_EQ(payload, 65535u - 40);
}

}  // namespace
}  // namespace lvs::wire
