#include "net/wire/split.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <random>
#include <vector>

#include "net/wire/encapsulate.h"
#include "net/wire/ethernet.h"
#include "tests/support/packets.h"

// Random frames are cut; what a receiver would make of the pieces is compared with segments that
// the test makes by itself from the specification of the whole.

namespace lvs::wire {
namespace {

using Bytes = std::vector<std::uint8_t>;

std::ptrdiff_t at(std::size_t position) { return static_cast<std::ptrdiff_t>(position); }

std::vector<Bytes> split(const Bytes& frame, const SplitRequest& request) {
  std::vector<Bytes> pieces;
  auto splitter = FrameSplitter::begin(frame, request);
  EXPECT_TRUE(splitter);
  if (!splitter) return pieces;
  Bytes out(splitter->longest_piece());
  for (std::size_t length = splitter->next(out); length != 0; length = splitter->next(out))
    pieces.emplace_back(out.begin(), out.begin() + at(length));
  return pieces;
}

/// A receiver's work (RFC 791, 3.2): packets whole again, in the order of their first fragments.
/// `fragments` of one packet come in order and one after the other.
std::vector<Bytes> put_together(const std::vector<Bytes>& packets) {
  std::vector<Bytes> whole;
  for (const Bytes& packet : packets) {
    const bool v4 = packet[0] / 16 == 4;
    const std::size_t header = v4 ? std::size_t{4} * (packet[0] % 16u) : 40;
    const std::size_t offset = v4 ? std::size_t{8} * (load_be16(packet, 6) & 0x1fffu) : 0;
    if (offset == 0) {
      whole.push_back(packet);
      continue;
    }
    Bytes& begun = whole.back();
    const std::size_t first_header = std::size_t{4} * (begun[0] % 16u);
    EXPECT_EQ(load_be16(begun, 6) & 0x3fff, 0x2000) << "the one before it says that more follow";
    EXPECT_EQ(begun.size() - first_header, offset);
    EXPECT_EQ(load_be16(begun, 4), load_be16(packet, 4)) << "id";
    begun.insert(begun.end(), packet.begin() + at(header), packet.end());
    store_be16(begun, 2, static_cast<std::uint16_t>(begun.size()));
    store_be16(begun, 6, static_cast<std::uint16_t>(load_be16(packet, 6) & 0x2000));
    store_be16(begun, 10, 0);
    store_be16(begun, 10,
               test::reference_checksum({begun.begin(), begun.begin() + at(first_header)}));
  }
  return whole;
}

/// Drops Ethernet's header: all pieces have that of the frame.
std::vector<Bytes> packets_of(const std::vector<Bytes>& pieces, const Bytes& frame) {
  std::vector<Bytes> packets;
  for (const Bytes& piece : pieces) {
    EXPECT_TRUE(std::equal(frame.begin(), frame.begin() + 14, piece.begin()));
    packets.emplace_back(piece.begin() + 14, piece.end());
  }
  return packets;
}

/// GRE is checked here; the rest by the reference.
bool has_right_outer(const Bytes& packet) {
  const std::size_t header = packet[0] / 16 == 4 ? 20 : 40;
  const test::ReferenceLayout layout = test::reference_layout(packet);
  if (layout.protocol == 47 && !layout.fragment && (packet[header] & 0x80) != 0)
    return test::reference_checksum({packet.begin() + at(header), packet.end()}) == 0;
  return test::has_right_checksums(packet);
}

/// What the segments of this packet must be.
template <typename Addr>
std::vector<Bytes> expected_segments(const test::PacketSpec<Addr>& spec, std::size_t segment_size) {
  const Bytes whole = test::make_packet(spec);
  const std::size_t headers = whole.size() - spec.payload;
  const std::size_t transport = headers - test::transport_header_of(spec.protocol);
  const std::size_t step = segment_size == 0 ? spec.payload + 1 : segment_size;
  std::vector<Bytes> segments;
  for (std::size_t from = 0; from == 0 || from < spec.payload; from += step) {
    const std::size_t to = std::min(from + step, spec.payload);
    Bytes segment(whole.begin(), whole.begin() + at(headers));
    segment.insert(segment.end(), whole.begin() + at(headers + from),
                   whole.begin() + at(headers + to));
    if (spec.protocol == Protocol::Tcp) {
      store_be32(segment, transport + 4, static_cast<std::uint32_t>(0xfffffff0 + from));
      if (from != 0) segment[transport + 13] &= 0x7f;
      if (to != spec.payload) segment[transport + 13] &= 0xf6;
    } else if (spec.protocol == Protocol::Udp) {
      store_be16(segment, transport + 4, static_cast<std::uint16_t>(segment.size() - transport));
    }
    if (whole[0] / 16 == 4) {
      store_be16(segment, 2, static_cast<std::uint16_t>(segment.size()));
      store_be16(segment, 4, static_cast<std::uint16_t>(spec.id + segments.size()));
    } else {
      store_be16(segment, 4, static_cast<std::uint16_t>(segment.size() - 40));
    }
    test::finish_packet(segment);
    segments.push_back(segment);
  }
  return segments;
}

template <typename Addr>
class Splitting : public testing::Test {
 protected:
  std::mt19937 random_{791};

  std::size_t below(std::size_t limit) { return random_() % limit; }

  test::PacketSpec<Addr> random_spec(Protocol protocol, std::size_t payload) {
    test::PacketSpec<Addr> spec = test::request_spec<Addr>(protocol, payload);
    spec.tcp_flags = static_cast<std::uint8_t>(random_());
    spec.id = static_cast<std::uint16_t>(0xfffd + below(5));
    spec.dont_fragment = below(2) == 0;
    if (below(3) == 0) {
      spec.first_extension = 60;  // IPv4: an option that is not copied, and one that is
      spec.options = std::same_as<Addr, Ipv4Addr>
                         ? Bytes{7, 3, 4, 1, 0x94, 4, 0, 0}
                         : Bytes{static_cast<std::uint8_t>(protocol), 0, 1, 4, 0, 0, 0, 0};
    }
    return spec;
  }

  Tunnel random_tunnel() {
    Tunnel tunnel{.type = TunnelType{static_cast<std::uint8_t>(below(3))},
                  .checksum = below(2) == 0,
                  .port = Port{6080},
                  .source = Ipv4Addr(10, 0, 0, 1),
                  .destination = test::kServer4};
    if (below(2) == 0) {
      tunnel.source = test::kVip6;
      tunnel.destination = test::kServer6;
      if (tunnel.type == TunnelType::Gue) tunnel.checksum = true;
    }
    return tunnel;
  }

  /// The frame that the engine leaves: Ethernet, outer headers if there are any, `inner`, padding.
  static Bytes frame_of(const Bytes& inner, const Tunnel* tunnel, bool path_mtu_discovery) {
    Bytes frame(14, 0x02);
    const std::size_t outer =
        tunnel == nullptr
            ? 0
            : tunnel_overhead(tunnel->type, tunnel->destination.family(), tunnel->checksum);
    frame.resize(14 + outer);
    frame.insert(frame.end(), inner.begin(), inner.end());
    if (tunnel != nullptr)
      encapsulate(MutableBytes{frame}.subspan(14), *ConstIpView<Addr>::parse(inner), *tunnel,
                  {.id = 0xfffe,
                   .source_port = Port{50000},
                   .path_mtu_discovery = path_mtu_discovery,
                   .finish_later = true});
    frame[12] = frame[14] / 16 == 4 ? 0x08 : 0x86;
    frame[13] = frame[14] / 16 == 4 ? 0x00 : 0xdd;
    return frame;
  }

  /// Takes the outer headers off; they are right, and count their ids.
  static std::vector<Bytes> decapsulated(const std::vector<Bytes>& packets, std::size_t outer) {
    std::vector<Bytes> inner;
    for (const Bytes& packet : packets) {
      EXPECT_TRUE(has_right_outer(packet));
      if (packet[0] / 16 == 4) {
        EXPECT_EQ(load_be16(packet, 4), static_cast<std::uint16_t>(0xfffe + inner.size()));
      }
      inner.emplace_back(packet.begin() + at(outer), packet.end());
    }
    return inner;
  }
};
using Families = testing::Types<Ipv4Addr, Ipv6Addr>;
TYPED_TEST_SUITE(Splitting, Families);

TYPED_TEST(Splitting, OfSuperPacketsGivesTheirSegments) {
  for (int round = 0; round < 600; ++round) {
    const Protocol protocol = this->below(2) == 0 ? Protocol::Tcp : Protocol::Udp;
    const auto spec = this->random_spec(protocol, this->below(6000));
    const auto size = static_cast<std::uint16_t>(1 + this->below(1500));
    const Tunnel tunnel = this->random_tunnel();
    const bool is_tunnelled = this->below(2) == 0;
    Bytes whole = test::make_packet(spec);
    store_be16(whole, whole.size() - spec.payload - (protocol == Protocol::Tcp ? 4 : 2),
               0x4242);  // unfinished
    const Bytes frame = this->frame_of(whole, is_tunnelled ? &tunnel : nullptr, true);
    const std::size_t outer = frame.size() - 14 - whole.size();
    std::vector<Bytes> packets = packets_of(
        split(frame, {.outer_length = outer, .segment_size = size, .checksum_unfinished = true}),
        frame);
    if (is_tunnelled) packets = this->decapsulated(packets, outer);
    ASSERT_EQ(packets, expected_segments(spec, size)) << round;
    for (const Bytes& packet : packets) ASSERT_TRUE(test::has_right_checksums(packet));
  }
}

TYPED_TEST(Splitting, IntoFragmentsLosesNothing) {
  for (int round = 0; round < 600; ++round) {
    constexpr std::array<Protocol, 3> kProtocols{Protocol::Tcp, Protocol::Udp, Protocol::Sctp};
    auto spec = this->random_spec(kProtocols[this->below(3)], this->below(6000));
    const Tunnel tunnel = this->random_tunnel();
    const bool cuts_inner = std::same_as<TypeParam, Ipv4Addr> && !spec.dont_fragment;
    const bool is_tunnelled = this->below(2) == 0 || !cuts_inner;
    if (!cuts_inner && !tunnel.destination.is_v4()) continue;  // nothing may be cut
    const Bytes whole = test::make_packet(spec);
    const Bytes frame = this->frame_of(whole, is_tunnelled ? &tunnel : nullptr, false);
    const std::size_t outer = frame.size() - 14 - whole.size();
    const std::uint16_t segment_size = spec.protocol != Protocol::Sctp && this->below(2) == 0
                                           ? static_cast<std::uint16_t>(100 + this->below(1500))
                                           : std::uint16_t{0};
    const SplitRequest request{.outer_length = outer,
                               .piece_length = 116 + this->below(1000),
                               .segment_size = segment_size};
    const std::vector<Bytes> pieces = split(frame, request);
    for (const Bytes& piece : pieces) ASSERT_LE(piece.size(), 14 + request.piece_length);
    std::vector<Bytes> packets = packets_of(pieces, frame);
    for (const Bytes& packet : packets) ASSERT_TRUE(has_right_outer(packet));
    if (is_tunnelled && !cuts_inner) packets = put_together(packets);
    if (is_tunnelled) packets = this->decapsulated(packets, outer);
    for (const Bytes& packet : packets) ASSERT_TRUE(test::has_right_checksums(packet));
    ASSERT_EQ(put_together(packets), expected_segments(spec, segment_size)) << round;
  }
}

/// Lengths and flags at random: never a piece that is longer than it says, never an endless row.
TYPED_TEST(Splitting, OfAnythingEnds) {
  for (int round = 0; round < 20000; ++round) {
    constexpr std::array<Protocol, 5> kProtocols{Protocol::Tcp, Protocol::Udp, Protocol::Sctp,
                                                 Protocol::Icmp, Protocol{200}};
    const auto spec = this->random_spec(kProtocols[this->below(5)], this->below(300));
    Bytes frame = this->frame_of(test::make_packet(spec), nullptr, true);
    for (std::size_t changes = this->below(6); changes != 0; --changes)
      frame[14 + this->below(std::min<std::size_t>(60, frame.size() - 14))] =
          static_cast<std::uint8_t>(this->random_());
    frame.resize(14 + this->below(frame.size() - 13));
    auto splitter = FrameSplitter::begin(
        frame, {.outer_length = this->below(4) == 0 ? this->below(70) : 0,
                .piece_length = this->below(2) == 0 ? this->below(200) : 0,
                .segment_size = static_cast<std::uint16_t>(this->below(2) * this->below(100)),
                .checksum_unfinished = this->below(2) == 0});
    if (!splitter) continue;
    Bytes out(splitter->longest_piece());
    std::size_t pieces = 0;
    while (const std::size_t length = splitter->next(out)) {
      ASSERT_LE(length, splitter->longest_piece());
      ASSERT_LT(++pieces, 400u);
    }
    ASSERT_GT(pieces, 0u);
  }
}

}  // namespace
}  // namespace lvs::wire
