#include "director/io/departure.h"

#include <optional>

#include "net/wire/finish.h"
#include "net/wire/split.h"
#include "net/wire/transport.h"

namespace lvs::director {
namespace {

bool is_left_to_a_card(const Offload& offload) {
  return offload.checksum_unfinished || offload.segment_size != 0;
}

/// A packet socket can leave an internet checksum to the card, but not SCTP's CRC.
bool is_unfinished_sctp(const CarrierFrame& frame) {
  return frame.frame.offload.checksum_unfinished &&
         frame.offload.checksum_offset == wire::transport_field::kSctpChecksum;
}

/// A tunnel's outer header hides the inner packet from every card, so super-packets are cut here.
bool must_be_cut(const CarrierFrame& frame, const Verdict& verdict) {
  const bool is_super_packet = frame.frame.offload.segment_size != 0;
  return verdict.piece_length != 0 || (verdict.outer_length != 0 && is_super_packet);
}

}  // namespace

Offload offload_of(const linux_net::VirtioHeader& header) {
  using linux_net::VirtioHeader;
  const bool is_super_frame = header.gso_type != VirtioHeader::kGsoNone;
  return {.checksum_unfinished = (header.flags & VirtioHeader::kNeedsChecksum) != 0,
          .segment_size = is_super_frame ? header.segment_size : std::uint16_t{0}};
}

std::span<std::uint8_t> with_offload(CarrierFrame& frame) {
  if (is_unfinished_sctp(frame) && wire::finish_frame(frame.frame.bytes, 0))
    frame.frame.offload = {};
  const linux_net::VirtioHeader none{};
  return linux_net::put_in_front(frame.frame.bytes,
                                 is_left_to_a_card(frame.frame.offload) ? frame.offload : none);
}

bool depart(CarrierFrame& frame, const Verdict& verdict, const Outbox::Letter& letter,
            Outbox& outbox) {
  Offload& offload = frame.frame.offload;
  if (must_be_cut(frame, verdict)) {
    auto splitter = wire::FrameSplitter::begin(
        frame.frame.bytes, {.outer_length = verdict.outer_length,
                            .piece_length = verdict.piece_length,
                            .segment_size = offload.segment_size,
                            .checksum_unfinished = offload.checksum_unfinished});
    if (!splitter) return false;
    outbox.add_pieces(letter, *splitter);
    return true;
  }
  if (verdict.outer_length != 0) {
    if (offload.checksum_unfinished && !wire::finish_frame(frame.frame.bytes, verdict.outer_length))
      return false;
    offload = {};
  }
  outbox.add(letter, with_offload(frame));
  return true;
}

}  // namespace lvs::director
