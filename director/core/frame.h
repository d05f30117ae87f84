#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "net/base/link_index.h"

namespace lvs::director {

/// What the sender's stack left for the network card to do (struct virtio_net_hdr): packets from
/// veth and virtio, and those that GRO merged, arrive like this, and leave like this again.
struct Offload {
  bool checksum_unfinished = false;  ///< the transport checksum is only the pseudo-header's sum
  std::uint16_t segment_size = 0;    ///< payload bytes of one segment of a super-frame (TCP, or UDP
                                     ///< datagrams that are to be cut apart); 0: none
};

/// One received frame. The bytes are the carrier's memory and are rewritten in place; they are
/// valid until the carrier has executed the verdict.
struct Frame {
  /// From the Ethernet header on; a VLAN tag has been put back. A tunnel's outer header is written
  /// in front of the packet, an FTP answer may grow: then these are other bytes afterwards.
  std::span<std::uint8_t> bytes;
  std::size_t headroom = 0;  ///< bytes in front of them that may be written
  std::size_t tailroom = 0;  ///< and behind them
  LinkIndex ingress{};
  bool addressed_to_us = true;  ///< PACKET_HOST: IPVS handles nothing else
  Offload offload{};
  std::uint32_t mark = 0;  ///< from outside (simulate); 0: the engine's own rules say
};

/// Headroom that every carrier gives: the longest outer header (IPv6, UDP, GUE), with room to
/// align.
inline constexpr std::size_t kHeadroom = 64;

}  // namespace lvs::director
