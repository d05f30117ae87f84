#pragma once

#include <concepts>
#include <type_traits>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/ipv4.h"
#include "net/wire/ipv6.h"

// Both families under one name, for code that is a template over them. Freestanding.

namespace lvs::wire {

/// BasicIpv4View or BasicIpv6View, whichever carries this kind of address.
template <typename Addr, Byte B>
using BasicIpView =
    std::conditional_t<std::same_as<Addr, Ipv4Addr>, BasicIpv4View<B>, BasicIpv6View<B>>;
template <typename Addr>
using IpView = BasicIpView<Addr, std::uint8_t>;
template <typename Addr>
using ConstIpView = BasicIpView<Addr, const std::uint8_t>;

template <typename T>
inline constexpr bool kIsIpView = false;
template <Byte B>
inline constexpr bool kIsIpView<BasicIpv4View<B>> = true;
template <Byte B>
inline constexpr bool kIsIpView<BasicIpv6View<B>> = true;

/// A view of either family.
template <typename T>
concept AnyIpView = kIsIpView<T>;
/// One that may also be written through.
template <typename T>
concept AnyMutableIpView = AnyIpView<T> && requires(const T& ip) {
  ip.decrement_hops();
};

/// What both families' headers are made of, without what only one has.
template <typename Addr>
struct IpFields {
  Addr source{};
  Addr destination{};
  Protocol protocol{};
  std::uint8_t tos = 0;
  std::uint8_t hops = 64;
};

template <typename Addr>
inline constexpr std::size_t kMinIpHeader =
    std::same_as<Addr, Ipv4Addr> ? ipv4_field::kMinHeader : ipv6_field::kHeader;

/// Writes a header without options or extensions in front of a payload that fills the rest of
/// `packet`. An IPv4 one may not be fragmented.
constexpr void store_ip(MutableBytes packet, const IpFields<Ipv4Addr>& fields) {
  store_ipv4(packet, {.source = fields.source,
                      .destination = fields.destination,
                      .protocol = fields.protocol,
                      .tos = fields.tos,
                      .ttl = fields.hops});
}
constexpr void store_ip(MutableBytes packet, const IpFields<Ipv6Addr>& fields) {
  store_ipv6(packet, {.source = fields.source,
                      .destination = fields.destination,
                      .protocol = fields.protocol,
                      .tos = fields.tos,
                      .hops = fields.hops});
}

}  // namespace lvs::wire
