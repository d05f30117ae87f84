#pragma once

#include <cstdint>

#include "director/core/ids.h"
#include "director/core/verdict.h"
#include "net/wire/addr.h"

// The names of what frames wait for. Two things may share a name by chance: then frames are judged
// once too often, and wait again. Freestanding.

namespace lvs::director {

namespace detail {
constexpr std::uint64_t mixed(std::uint64_t value, std::uint64_t more) {
  value = (value ^ more) * 0x9e3779b97f4a7c15u;
  return value ^ value >> 29u;
}
constexpr std::uint64_t mixed(std::uint64_t value, Ipv4Addr addr) {
  return mixed(value, std::uint64_t{addr.number()});
}
constexpr std::uint64_t mixed(std::uint64_t value, const Ipv6Addr& addr) {
  for (std::size_t word = 0; word < 2; ++word) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 8; ++i) bits = bits << 8 | addr.octets()[word * 8 + i];
    value = mixed(value, bits);
  }
  return value;
}
enum class WaitFor : std::uint64_t { Neighbour = 1, Route = 2, Fragment = 3 };
constexpr WaitKey wait_key(WaitFor what, std::uint64_t hash) {
  return {static_cast<std::uint64_t>(what) << 62u | hash >> 2u};
}
}  // namespace detail

/// The neighbour of a next hop.
constexpr WaitKey wait_for_neighbour(NextHopId hop) {
  return detail::wait_key(detail::WaitFor::Neighbour, std::uint64_t{hop.number} << 2u);
}

/// The way to a client.
template <typename Addr>
constexpr WaitKey wait_for_route(const Addr& client) {
  return detail::wait_key(detail::WaitFor::Route, detail::mixed(1, client));
}

/// The first fragment of a packet.
template <typename Addr>
constexpr WaitKey wait_for_fragment(const Addr& source, const Addr& destination,
                                    std::uint32_t packet_id, Protocol protocol) {
  const std::uint64_t rest = std::uint64_t{packet_id} << 8u | static_cast<std::uint8_t>(protocol);
  return detail::wait_key(
      detail::WaitFor::Fragment,
      detail::mixed(detail::mixed(detail::mixed(1, source), destination), rest));
}

}  // namespace lvs::director
