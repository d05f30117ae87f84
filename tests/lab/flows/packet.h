#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

// Packets as a capture shows them, read without the views that the director uses: what these say is
// held against it.

namespace lvs::test {

using Bytes = std::vector<std::uint8_t>;

/// An IP packet, whole or a fragment, cut to its own length. Fields are as on the wire.
struct IpPacket {
  Bytes bytes{};
  std::string source{};
  std::string destination{};
  unsigned version = 4;
  unsigned tos = 0;  ///< with ECN; IPv6: the traffic class
  unsigned ttl = 0;  ///< IPv6: the hop limit
  bool dont_fragment = false;
  bool more_fragments = false;
  unsigned offset_bytes = 0;
  std::uint32_t flow_label = 0;  ///< IPv6
  std::uint32_t id = 0;          ///< IPv6: of the fragment header, else 0
  unsigned protocol = 0;
  std::size_t payload_at = 0;  ///< where the transport header begins in `bytes`
  bool is_cut = false;         ///< shorter than its own length field says: quoted by ICMP

  bool is_fragment() const { return more_fragments || offset_bytes != 0; }
  std::span<const std::uint8_t> payload() const { return std::span(bytes).subspan(payload_at); }
};

/// nullopt: no IP packet.
std::optional<IpPacket> read_ip(std::span<const std::uint8_t> bytes);

/// A frame: ARP, an IP packet, or neither (which are other protocols: nobody here sends any).
struct Packet {
  std::string to_mac{};  ///< the last byte, as two digits: all begin with 02:00:00:00:00
  std::string from_mac{};
  std::string arp{};  ///< "request 10.0.0.254 asks for 10.0.0.100", "reply 10.0.0.100"
  std::optional<IpPacket> ip{};
};
Packet read_frame(std::span<const std::uint8_t> frame);

namespace protocol {
inline constexpr unsigned kIcmp = 1, kIpip = 4, kTcp = 6, kUdp = 17, kIpv6 = 41, kGre = 47,
                          kIcmpv6 = 58;
}  // namespace protocol

/// How a tunnel header is to be read. GUE is UDP to one port.
inline constexpr unsigned kGuePort = 6080;

/// What a tunnel packet carries, with the bytes between the outer IP header and the inner one.
struct Carried {
  std::string kind;  ///< "ipip", "gre", "gue": with their header's fields
  IpPacket inner;
};
/// nullopt: no tunnel packet, or a later fragment of one.
std::optional<Carried> read_tunnel(const IpPacket& outer);

/// The packet that an ICMP error quotes; nullopt: no ICMP error.
std::optional<IpPacket> read_quoted(const IpPacket& packet);

/// The innermost packet: out of its tunnel.
IpPacket innermost(const IpPacket& packet);

std::uint16_t be16(std::span<const std::uint8_t> bytes, std::size_t at);
std::uint32_t be32(std::span<const std::uint8_t> bytes, std::size_t at);

}  // namespace lvs::test
