#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"

// Freestanding.

namespace lvs::wire {

/// Any other number may appear on the wire.
enum class EtherType : std::uint16_t {
  Ipv4 = 0x0800,
  Arp = 0x0806,
  Vlan = 0x8100,
  Ipv6 = 0x86dd,
  ServiceVlan = 0x88a8,
};

inline constexpr std::size_t kEthernetHeader = 14;  ///< bytes, without a VLAN tag
inline constexpr std::size_t kVlanTag = 4;
inline constexpr std::size_t kBehindAddresses = 12;  ///< where a tag goes

/// A MAC address at `offset`. The caller has made sure that it lies in the bytes.
constexpr MacAddr load_mac(ConstBytes bytes, std::size_t offset) {
  std::array<std::uint8_t, 6> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = bytes[offset + i];
  return MacAddr{octets};
}

constexpr void store_mac(MutableBytes bytes, std::size_t offset, const MacAddr& mac) {
  for (std::size_t i = 0; i < mac.octets().size(); ++i) bytes[offset + i] = mac.octets()[i];
}

/// A checked window onto an Ethernet II frame with at most one VLAN tag (IEEE 802.1Q).
template <Byte B>
class BasicEthernetView {
 public:
  /// nullopt: shorter than its header, or than its header with the tag that it announces.
  static constexpr std::optional<BasicEthernetView> parse(std::span<B> buffer) {
    if (buffer.size() < kEthernetHeader) return std::nullopt;
    const auto outer = EtherType{load_be16(buffer, kType)};
    const bool tagged = outer == EtherType::Vlan || outer == EtherType::ServiceVlan;
    if (tagged && buffer.size() < kEthernetHeader + kVlanTag) return std::nullopt;
    return BasicEthernetView{buffer, tagged};
  }

  constexpr MacAddr destination() const { return load_mac(bytes_, kDestination); }
  constexpr MacAddr source() const { return load_mac(bytes_, kSource); }
  /// Of what follows the header, behind the tag where there is one.
  constexpr EtherType type() const {
    return EtherType{load_be16(bytes_, header_length() - sizeof(std::uint16_t))};
  }
  constexpr bool is_tagged() const { return tagged_; }
  /// 0 also when there is no tag: such a frame belongs to no VLAN but may carry a priority.
  constexpr std::uint16_t vlan_id() const {
    return tagged_ ? static_cast<std::uint16_t>(load_be16(bytes_, kTagControl) & 0x0fff)
                   : std::uint16_t{0};
  }
  constexpr std::size_t header_length() const {
    return tagged_ ? kEthernetHeader + kVlanTag : kEthernetHeader;
  }
  constexpr std::span<B> payload() const { return bytes_.subspan(header_length()); }

  constexpr void set_destination(const MacAddr& to) const requires MutableByte<B> {
    store_mac(bytes_, kDestination, to);
  }
  constexpr void set_source(const MacAddr& to) const requires MutableByte<B> {
    store_mac(bytes_, kSource, to);
  }

 private:
  static constexpr std::size_t kDestination = 0, kSource = 6, kType = 12, kTagControl = 14;

  constexpr BasicEthernetView(std::span<B> bytes, bool tagged) : bytes_(bytes), tagged_(tagged) {}

  std::span<B> bytes_;
  bool tagged_;
};

using EthernetView = BasicEthernetView<std::uint8_t>;
using ConstEthernetView = BasicEthernetView<const std::uint8_t>;

/// Writes a header without a tag. The caller has made sure that kEthernetHeader bytes are there.
constexpr void store_ethernet(MutableBytes bytes, const MacAddr& destination, const MacAddr& source,
                              EtherType type) {
  store_mac(bytes, 0, destination);
  store_mac(bytes, 6, source);
  store_be16(bytes, 12, static_cast<std::uint16_t>(type));
}

/// Puts a VLAN tag back that the receiving card took out. `buffer` holds a frame of `length` bytes
/// and room behind it; `control` is priority and VLAN number as the card tells them. The frame's
/// new length, or 0 when it does not fit (it is then unchanged).
constexpr std::size_t put_vlan_tag(MutableBytes buffer, std::size_t length, std::uint16_t protocol,
                                   std::uint16_t control) {
  if (length < kEthernetHeader || length > buffer.size() || buffer.size() - length < kVlanTag)
    return 0;
  const MutableBytes frame = buffer.first(length + kVlanTag);
  std::copy_backward(frame.begin() + kBehindAddresses, frame.end() - kVlanTag, frame.end());
  store_be16(frame, kBehindAddresses, protocol);
  store_be16(frame, kBehindAddresses + 2, control);
  return frame.size();
}

}  // namespace lvs::wire
