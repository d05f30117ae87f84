#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"

// The headers of segments that a super-packet is cut into: what a network card does with TCP (TSO)
// and with trains of UDP datagrams (USO).

namespace lvs::wire {

/// A packet of either family, and how long its headers are.
struct PacketShape {
  ConstBytes bytes;  ///< without Ethernet's padding
  Family family = Family::Ipv4;
  Protocol protocol{};
  std::size_t transport = 0;   ///< where what the IP header carries begins
  std::size_t payload = 0;     ///< where the transport header ends; `transport` without one
  bool has_transport = false;  ///< TCP, UDP or SCTP, and no fragment

  /// True when segments can be made of it.
  bool is_segmentable() const {
    return has_transport && (protocol == Protocol::Tcp || protocol == Protocol::Udp);
  }
};

/// nullopt: no readable IP packet.
std::optional<PacketShape> shape_of(ConstBytes packet);

/// One of the segments of a super-packet.
struct Segment {
  std::uint32_t index = 0;
  std::size_t offset = 0;  ///< of its payload in the super-packet's
  ConstBytes payload;
  bool is_last = true;
};

/// Makes a copy of the super-packet's headers (IP and transport) those of this segment: lengths,
/// IPv4's id and checksum, TCP's sequence number and flags (CWR in the first alone, FIN and PSH in
/// the last alone). The transport checksum is not touched.
void make_segment_headers(MutableBytes headers, const PacketShape& shape, const Segment& segment);

/// The transport checksum of a packet whose headers and payload lie apart.
void finish_segment(MutableBytes headers, const PacketShape& shape, ConstBytes payload);

}  // namespace lvs::wire
