#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace lvs::linux_net {

/// struct virtio_net_hdr in its legacy form, as PACKET_VNET_HDR puts it in front of every frame.
/// Its numbers are in host byte order. Defined here because linux/virtio_net.h is not C++.
struct VirtioHeader {
  static constexpr std::uint8_t kNeedsChecksum = 1;  ///< VIRTIO_NET_HDR_F_NEEDS_CSUM
  static constexpr std::uint8_t kGsoNone = 0;

  std::uint8_t flags = 0;
  std::uint8_t gso_type = kGsoNone;
  std::uint16_t header_length = 0;
  std::uint16_t segment_size = 0;     ///< payload bytes of one segment of a super-frame
  std::uint16_t checksum_start = 0;   ///< from the Ethernet header on
  std::uint16_t checksum_offset = 0;  ///< from checksum_start on
  friend bool operator==(const VirtioHeader&, const VirtioHeader&) = default;
};
static_assert(sizeof(VirtioHeader) == 10);

/// Writes the header into the ten bytes in front of `frame`, which must be writable. Both together
/// are what a socket with PACKET_VNET_HDR sends.
inline std::span<std::uint8_t> put_in_front(std::span<std::uint8_t> frame,
                                            const VirtioHeader& header) {
  std::uint8_t* const start = frame.data() - sizeof header;
  std::memcpy(start, &header, sizeof header);
  return {start, sizeof header + frame.size()};
}

}  // namespace lvs::linux_net
