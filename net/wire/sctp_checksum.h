#pragma once

#include <array>
#include <cstdint>

#include "net/wire/bytes.h"
#include "net/wire/crc32c.h"
#include "net/wire/transport.h"

// SCTP's checksum (RFC 9260, 6.8): over the whole packet from the common header on, with zeros in
// place of the field, and without a pseudo-header. Freestanding.

namespace lvs::wire {

/// `sctp` is a whole packet: not shorter than its header, and no fragment.
constexpr std::uint32_t sctp_checksum_of(ConstBytes sctp) {
  using namespace transport_field;
  constexpr std::array<std::uint8_t, 4> zeros{};
  const std::uint32_t start = crc32c(zeros, crc32c(sctp.first(kSctpChecksum)));
  return crc32c(sctp.subspan(kSctpHeader), start);
}

constexpr bool has_valid_sctp_checksum(ConstBytes sctp) {
  return load_le32(sctp, transport_field::kSctpChecksum) == sctp_checksum_of(sctp);
}

constexpr void store_sctp_checksum(MutableBytes sctp) {
  store_le32(sctp, transport_field::kSctpChecksum, sctp_checksum_of(sctp));
}

}  // namespace lvs::wire
