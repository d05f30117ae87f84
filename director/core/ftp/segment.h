#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "director/core/frame.h"
#include "director/core/ftp/stream.h"
#include "director/core/packet.h"

// A TCP segment in its frame, changed where FTP asks for it, with every length and checksum kept
// right in both states of offloading.

namespace lvs::director {

/// The payload as text.
template <typename Addr>
std::string_view text_of(const Packet<Addr>& packet) {
  const auto payload = packet.transport.payload();
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as characters
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

/// False: what its sender wrote did not arrive, so nothing in it means anything. What a network
/// card was to compute cannot be wrong yet.
template <typename Addr>
bool has_right_checksum(const Packet<Addr>& packet);

/// True where the packet can become so many bytes longer: there is memory around the frame, and its
/// IP header can say it.
template <typename Addr>
bool has_room(const Packet<Addr>& packet, const Frame& frame, std::size_t growth);

/// Puts other bytes in the place of some of the payload, for which has_room(). The lengths of IP
/// are right afterwards, the transport checksum is not: restore_checksum(). Views of the frame are
/// out of date: reread().
template <typename Addr>
void replace_payload(const Packet<Addr>& packet, Frame& frame,
                     const FtpStream::Replacement& replacement);

/// The packet of a frame that was changed.
template <typename Addr>
Packet<Addr> reread(const Frame& frame);

/// After the payload was changed: a new checksum, or the sum that a network card goes on from.
template <typename Addr>
void restore_checksum(const Packet<Addr>& packet);

// These adjust the checksum by what they change, so that a wrong one stays wrong.
template <typename Addr>
void set_sequence(const Packet<Addr>& packet, std::uint32_t sequence);
template <typename Addr>
void set_acknowledgement(const Packet<Addr>& packet, std::uint32_t acknowledgement);
/// Selective acknowledgements would carry numbers too. A control connection sends a line at a time
/// and gains nothing by them, so its ends are not told of each other's offer: two options of no
/// meaning stand in place of SACK-permitted (RFC 2018, 2).
template <typename Addr>
void hide_sack_permitted(const Packet<Addr>& packet);

}  // namespace lvs::director
