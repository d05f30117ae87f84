#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/wire/bytes.h"

// Checksums as the RFCs define them, byte by byte and bit by bit, to hold ours against: nothing
// here calls what it is a reference for.

namespace lvs::test {

/// RFC 1071: the one's complement of the one's complement sum.
inline std::uint16_t reference_checksum(const std::vector<std::uint8_t>& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? std::uint32_t{bytes[i]} * 256 : std::uint32_t{bytes[i]};
    if (sum > 0xffff) sum -= 0xffff;
  }
  return static_cast<std::uint16_t>(0xffff - sum);
}

/// RFC 9260, appendix A: shifted in bit by bit.
inline std::uint32_t reference_crc32c(const std::vector<std::uint8_t>& bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const bool differ = ((crc ^ (static_cast<std::uint32_t>(byte) >> bit)) & 1) != 0;
      crc >>= 1;
      if (differ) crc ^= 0x82f63b78;
    }
  }
  return ~crc;
}

/// Where a packet's transport header begins, its number, and whether it is a later fragment: read
/// without our views. Extension headers are skipped as RFC 8200 says.
struct ReferenceLayout {
  std::size_t transport = 0;
  unsigned protocol = 0;
  bool fragment = false;
};
inline ReferenceLayout reference_layout(wire::ConstBytes packet) {
  ReferenceLayout found;
  if (packet[0] / 16 == 4) {
    found.transport = std::size_t{4} * (packet[0] % 16u);
    found.protocol = packet[9];
    found.fragment = (packet[6] & 0x3f) != 0 || packet[7] != 0;
    return found;
  }
  found.protocol = packet[6];
  found.transport = 40;
  while (found.protocol == 0 || found.protocol == 43 || found.protocol == 44 ||
         found.protocol == 60) {
    const wire::ConstBytes header = packet.subspan(found.transport);
    if (found.protocol == 44) found.fragment = header[2] != 0 || (header[3] & 0xf9) != 0;
    found.transport += found.protocol == 44 ? 8 : 8 + std::size_t{8} * header[1];
    found.protocol = header[0];
  }
  return found;
}

/// The pseudo-header and then the bytes from the transport header to the packet's end.
inline std::vector<std::uint8_t> with_pseudo_header(wire::ConstBytes packet) {
  const ReferenceLayout layout = reference_layout(packet);
  const std::size_t length = packet.size() - layout.transport;
  const bool v4 = packet[0] / 16 == 4;
  const wire::ConstBytes addresses = v4 ? packet.subspan(12, 8) : packet.subspan(8, 32);
  std::vector<std::uint8_t> all(addresses.begin(), addresses.end());
  for (const unsigned shift : {24u, 16u, 8u, 0u})
    all.push_back(static_cast<std::uint8_t>(length >> shift & 0xff));
  all.insert(all.end(), {0, 0, 0, static_cast<std::uint8_t>(layout.protocol)});
  const wire::ConstBytes rest = packet.subspan(layout.transport);
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

/// True when every checksum of this IP packet (from its header to its end) is right: IPv4's header,
/// TCP, UDP (zero is none over IPv4 only), SCTP, ICMP, ICMPv6. Of a fragment only the header's.
inline bool has_right_checksums(wire::ConstBytes packet) {
  const ReferenceLayout layout = reference_layout(packet);
  const bool v4 = packet[0] / 16 == 4;
  const auto copied = [](wire::ConstBytes bytes) {
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
  };
  if (v4 && reference_checksum(copied(packet.first(layout.transport))) != 0) return false;
  if (layout.fragment) return true;
  const wire::ConstBytes transport = packet.subspan(layout.transport);
  if (layout.protocol == 1) return reference_checksum(copied(transport)) == 0;
  if (layout.protocol == 132) {
    std::vector<std::uint8_t> zeroed = copied(transport);
    std::uint32_t stored = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      stored |= static_cast<std::uint32_t>(zeroed[8 + i]) << (8 * i);
      zeroed[8 + i] = 0;
    }
    return reference_crc32c(zeroed) == stored;
  }
  const bool has_none = layout.protocol == 17 && transport[6] == 0 && transport[7] == 0;
  if (has_none) return v4;
  if (layout.protocol == 6 || layout.protocol == 17 || layout.protocol == 58)
    return reference_checksum(with_pseudo_header(packet)) == 0;
  return true;
}

}  // namespace lvs::test
