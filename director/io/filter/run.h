#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <span>

namespace lvs::director {

/// A frame, and what a packet socket's filter can ask of it beside its bytes.
struct FilteredFrame {
  std::span<const std::uint8_t> bytes;  ///< from the Ethernet header on
  bool is_tagged = false;               ///< it has a VLAN tag
  std::uint8_t packet_type = 0;         ///< PACKET_HOST …
};

/// What the program says of the frame, as the kernel runs it on a SOCK_RAW socket: the bytes to
/// take, 0 for none. A load beyond the frame's end refuses it. The program is one of ours: it uses
/// the instructions that FilterAssembler and code.h write.
std::uint32_t run_filter(std::span<const sock_filter> program, const FilteredFrame& frame);

}  // namespace lvs::director
