#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/bytes.h"
#include "net/wire/ipv4_fragment.h"
#include "net/wire/segment.h"

// One frame that is too long for its way, or that its sender left half done for a network card, cut
// into frames that can be sent.
//
// Two cuts, of which a frame may need both. A super-packet becomes segments, each a packet of its
// own with its own checksum and, in a tunnel, its own outer headers. A packet that is still longer
// than the way allows becomes fragments: the inner IPv4 packet, where it may be fragmented, so that
// whoever takes the tunnel's packets has nothing to put together; else the outer IPv4 packet, where
// that may be (IPVS without pmtu_disc). IPv6 packets are never fragmented on their way.
// Each piece is made of headers in an array of ours and of payload that lies in the frame.

namespace lvs::wire {

struct SplitRequest {
  std::size_t outer_length = 0;  ///< bytes of a tunnel's headers behind Ethernet's
  /// Most bytes of a piece from its (outer) IP header on; 0: any number.
  std::size_t piece_length = 0;
  std::uint16_t segment_size = 0;    ///< Offload::segment_size; 0: no super-packet
  bool checksum_unfinished = false;  ///< of the (inner) transport header
};

/// Writes one piece after the other. Holds no memory but its own, and looks at the frame until the
/// last piece is written.
class FrameSplitter {
 public:
  /// nullopt when it cannot be done: a frame that is not IP, a super-packet of neither TCP nor UDP,
  /// an unfinished checksum that is in a fragment, a packet that is too long and may not be
  /// fragmented, headers longer than kMostHeaders, or a way too narrow for eight bytes of payload.
  static std::optional<FrameSplitter> begin(ConstBytes frame, const SplitRequest& request);

  /// The next frame, in the first bytes of `out`, which has room for longest_piece(). Its length;
  /// 0: there is no other.
  std::size_t next(MutableBytes out);

  /// No piece is longer, Ethernet header included.
  std::size_t longest_piece() const;

  /// Outer, IP and transport headers of a frame; extension headers can be of any length.
  static constexpr std::size_t kMostHeaders = 512;

 private:
  enum class Cut : std::uint8_t { None, Inner, Outer };

  FrameSplitter(ConstBytes ethernet, ConstBytes outer, const PacketShape& inner,
                const SplitRequest& request);

  bool can_be_done() const;
  Cut choose_cut() const;
  std::size_t longest_segment() const;
  std::size_t most_data(std::size_t header) const;
  bool has_checksum(ConstBytes headers) const;
  void begin_segment();
  void begin_fragments();
  void number_outer(MutableBytes outer);
  std::size_t write_whole(MutableBytes out);
  std::size_t write_fragment(MutableBytes out);
  void copy_data(MutableBytes out) const;

  ConstBytes ethernet_;
  ConstBytes outer_;
  PacketShape inner_;
  SplitRequest request_;
  Cut cut_ = Cut::None;

  std::size_t done_ = 0;            // payload bytes that went into segments
  std::uint32_t segments_ = 0;      // begun
  std::uint32_t outers_ = 0;        // outer headers written: each has an id of its own
  Segment segment_;                 // the present one
  bool has_segment_ = false;        // not all of it is written
  std::size_t fragment_done_ = 0;   // bytes of its data that went into fragments
  Ipv4Header later_;                // of fragments behind the first
  std::size_t headers_length_ = 0;  // of headers_
  std::array<std::uint8_t, kMostHeaders> headers_{};  // the segment's, from the outer IP header on
};

}  // namespace lvs::wire
