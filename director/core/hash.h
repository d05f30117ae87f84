#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "director/core/records.h"

// The keyed hash of the tables. Clients choose their addresses and ports, so a hash that
// they can compute would let them fill one bucket. SipHash-1-3 (Aumasson, Bernstein: "SipHash: a
// fast short-input PRF") over the key as 64-bit words. Freestanding.

namespace lvs::director {

struct HashKey {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
};

namespace detail {
struct SipState {
  std::uint64_t v0, v1, v2, v3;

  constexpr void round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  constexpr void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};
}  // namespace detail

/// SipHash-1-3 of whole 64-bit words, each read as eight little-endian bytes.
template <std::size_t N>
constexpr std::uint64_t siphash13(const HashKey& key, const std::array<std::uint64_t, N>& words) {
  detail::SipState state{key.first ^ 0x736f6d6570736575, key.second ^ 0x646f72616e646f6d,
                         key.first ^ 0x6c7967656e657261, key.second ^ 0x7465646279746573};
  for (std::size_t i = 0; i < N; ++i) state.absorb(words[i]);
  state.absorb(std::uint64_t{N * sizeof(std::uint64_t) & 0xff} << 56);
  state.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

namespace detail {
template <typename Addr>
constexpr std::uint64_t ports_and_protocol(const FlowKey<Addr>& flow) {
  return std::uint64_t{flow.source_port.number} << 32 |
         std::uint64_t{flow.destination_port.number} << 16 |
         static_cast<std::uint8_t>(flow.protocol);
}
constexpr std::uint64_t octets_word(const Ipv6Addr& addr, std::size_t first) {
  std::uint64_t word = 0;
  for (std::size_t i = first; i < first + 8; ++i) word = word << 8 | addr.octets()[i];
  return word;
}
}  // namespace detail

constexpr std::uint64_t hash_of(const HashKey& key, const FlowKey<Ipv4Addr>& flow) {
  return siphash13<2>(key, {std::uint64_t{flow.source.number()} << 32 | flow.destination.number(),
                            detail::ports_and_protocol(flow)});
}

constexpr std::uint64_t hash_of(const HashKey& key, const FlowKey<Ipv6Addr>& flow) {
  return siphash13<5>(
      key, {detail::octets_word(flow.source, 0), detail::octets_word(flow.source, 8),
            detail::octets_word(flow.destination, 0), detail::octets_word(flow.destination, 8),
            detail::ports_and_protocol(flow)});
}

constexpr std::uint64_t hash_of(const HashKey& key, const MappedAddr& addr) {
  const Ipv6Addr octets{addr.octets};
  return siphash13<2>(key, {detail::octets_word(octets, 0), detail::octets_word(octets, 8)});
}

}  // namespace lvs::director
