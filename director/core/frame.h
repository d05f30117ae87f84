#pragma once

#include <cstdint>
#include <span>

#include "net/base/link_index.h"

namespace lvs::director {

/// What the sender's stack left for the network card to do (struct virtio_net_hdr): packets from
/// veth and virtio, and those that GRO merged, arrive like this, and leave like this again.
struct Offload {
  bool checksum_unfinished = false;  ///< the transport checksum is only the pseudo-header's sum
  std::uint16_t segment_size = 0;    ///< payload bytes of one segment of a super-frame; 0: none
};

/// One received frame. The bytes are the carrier's memory and are rewritten in place; they are
/// valid until the carrier has executed the verdict.
struct Frame {
  std::span<std::uint8_t> bytes;  ///< from the Ethernet header on; a VLAN tag has been put back
  LinkIndex ingress{};
  bool addressed_to_us = true;  ///< PACKET_HOST: IPVS handles nothing else
  Offload offload{};
};

}  // namespace lvs::director
