#pragma once

#include <linux/filter.h>

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "net/wire/addr.h"

// Pieces of classic BPF programs. Each piece either accepts the frame, or ends behind its last
// instruction: so pieces are put one after the other, and one around the other.

namespace lvs::director {

using FilterCode = std::vector<sock_filter>;

/// Where the program keeps what it has found out (scratch memory).
enum class Slot : std::uint8_t {
  Protocol,  ///< of the transport header
  IsOwn,     ///< 1: the destination is an address of this host
};

FilterCode& operator+=(FilterCode& code, const FilterCode& more);

FilterCode accept();
FilterCode reject();
FilterCode store(Slot slot, std::uint32_t value);

/// `body` where the bytes at `offset` of the frame are this; the accumulator is used.
FilterCode when_byte(std::uint32_t offset, std::uint8_t value, const FilterCode& body);
FilterCode when_half(std::uint32_t offset, std::uint16_t value, const FilterCode& body);
FilterCode when_any_bit(std::uint32_t offset, std::uint16_t mask, const FilterCode& body);
FilterCode when_address(std::uint32_t offset, const IpAddr& address, const FilterCode& body);
FilterCode when_in(std::uint32_t offset, const Prefix& network, const FilterCode& body);
/// The same, counted from X, which is where the transport header begins.
FilterCode when_address_behind_x(std::uint32_t offset, const IpAddr& address,
                                 const FilterCode& body);
FilterCode when_slot(Slot slot, std::uint32_t value, const FilterCode& body);
/// Where the frame was sent to this link's own MAC.
FilterCode when_sent_to_us(const FilterCode& body);

/// A range of ports, in ascending order, without overlaps.
struct PortSpan {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  friend auto operator<=>(const PortSpan&, const PortSpan&) = default;
};
/// Where the port at X + `offset` is in one of these.
FilterCode when_port(std::uint32_t offset, std::span<const PortSpan> spans, const FilterCode& body);

/// X becomes the offset of what is behind the IP header, Slot::Protocol what that is. With IPv6
/// that is behind the extension headers, of which up to eight are looked at; 44: a fragment.
FilterCode find_transport(Family family);

}  // namespace lvs::director
