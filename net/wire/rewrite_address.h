#pragma once

#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/address_bytes.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum_change.h"
#include "net/wire/ip.h"

// Freestanding.

namespace lvs::wire {

/// Which of a packet's two ends.
enum class End : std::uint8_t { Source, Destination };

constexpr End other(End end) { return end == End::Source ? End::Destination : End::Source; }

template <AnyIpView Ip>
constexpr typename Ip::Addr address_at(const Ip& ip, End end) {
  return end == End::Source ? ip.source() : ip.destination();
}

/// Writes an address and keeps IPv4's header checksum right; nothing behind the IP header is
/// touched. `change` takes up what this does to a checksum that covers the addresses.
template <AnyMutableIpView Ip>
constexpr void rewrite_address(const Ip& ip, End end, const typename Ip::Addr& to,
                               ChecksumChange& change) {
  const MutableBytes bytes = ip.bytes();
  ChecksumChange here;
  here.address(address_at(ip, end), to);
  change.address(address_at(ip, end), to);
  store_address(bytes, end == End::Source ? Ip::kSourceField : Ip::kDestinationField, to);
  if constexpr (Ip::kFamily == Family::Ipv4)
    store_be16(bytes, ipv4_field::kChecksum, here.in_checksum(ip.checksum()));
}

}  // namespace lvs::wire
