#pragma once

#include <array>
#include <cstdint>

// What the BPF program lvskit_decap and its loader agree on: the shape of its maps. Freestanding.
// Every byte of a key counts, so padding is named and zero.

namespace lvs::bpf {

inline constexpr std::uint32_t kMaxTargets = 64;
inline constexpr std::uint32_t kMaxVips = 256;
/// Changes with the shape of the maps: a reader leaves other versions alone.
inline constexpr std::uint32_t kMapsVersion = 1;

/// An IPv4 address has its octets first and zeros behind them.
struct AddressKey {
  std::uint8_t family = 0;  ///< 4 or 6
  std::array<std::uint8_t, 16> octets{};
};

/// Of map `targets`: what is decapsulated.
struct TargetKey {
  std::uint8_t type = 0;  ///< kIpip, kGre, kGue
  AddressKey outer{};
  std::uint16_t port = 0;  ///< GUE, host order; else 0
};
static_assert(sizeof(AddressKey) == 17 && sizeof(TargetKey) == 20);

inline constexpr std::uint8_t kIpip = 0, kGue = 1, kGre = 2;

/// The one entry of map `about`.
struct About {
  std::uint32_t version = 0;
  std::uint32_t link_header = 0;  ///< bytes in front of the IP header: 14, or 0 without Ethernet
  std::array<char, 24> profile{};
};

}  // namespace lvs::bpf
