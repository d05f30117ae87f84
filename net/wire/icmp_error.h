#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/icmp.h"
#include "net/wire/icmpv6.h"
#include "net/wire/ip.h"
#include "net/wire/transport.h"

// The ICMP and ICMPv6 errors that a balancer sends. Freestanding.

namespace lvs::wire {

enum class IcmpErrorKind : std::uint8_t {
  PortUnreachable,  ///< ICMP 3/3, ICMPv6 1/4
  TooBig,           ///< ICMP 3/4 (fragmentation needed), ICMPv6 2/0
  HopsExceeded,     ///< ICMP 11/0, ICMPv6 3/0
};

struct IcmpErrorFields {
  IcmpErrorKind kind = IcmpErrorKind::PortUnreachable;
  std::uint32_t mtu = 0;  ///< TooBig
};

/// Longest error, from its IP header on (RFC 1812, 4.3.2.3; RFC 4443, 3: IPv6's minimum MTU).
template <typename Addr>
inline constexpr std::size_t kLongestIcmpError = std::same_as<Addr, Ipv4Addr> ? 576 : 1280;

namespace detail {

struct IcmpTypeAndCode {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
};

template <typename Addr>
constexpr IcmpTypeAndCode numbers_of(IcmpErrorKind kind) {
  constexpr bool v4 = std::same_as<Addr, Ipv4Addr>;
  const auto number = [](auto type) { return static_cast<std::uint8_t>(type); };
  switch (kind) {
    case IcmpErrorKind::PortUnreachable:
      if (v4) return {number(IcmpType::Unreachable), icmp_code::kPortUnreachable};
      return {number(Icmpv6Type::Unreachable), icmpv6_code::kPortUnreachable};
    case IcmpErrorKind::TooBig:
      if (v4) return {number(IcmpType::Unreachable), icmp_code::kFragmentationNeeded};
      return {number(Icmpv6Type::PacketTooBig), 0};
    case IcmpErrorKind::HopsExceeded:
      break;
  }
  if (v4) return {number(IcmpType::TimeExceeded), icmp_code::kTtlExceeded};
  return {number(Icmpv6Type::TimeExceeded), icmpv6_code::kHopLimitExceeded};
}

/// Precedence "internetwork control" and the TOS of what it answers (RFC 1812, 4.3.2.5), without
/// its ECN field. IPv6 knows no such rule, and Linux sends 0.
constexpr std::uint8_t error_tos(Family family, std::uint8_t tos) {
  constexpr unsigned internetwork_control = 0xc0, type_of_service = 0x1c;
  if (family == Family::Ipv6) return 0;
  return static_cast<std::uint8_t>(internetwork_control | (tos & type_of_service));
}

template <typename Addr>
constexpr void store_icmp_message(MutableBytes icmp, const IcmpErrorFields& fields) {
  const IcmpTypeAndCode numbers = numbers_of<Addr>(fields.kind);
  icmp[icmp_field::kType] = numbers.type;
  icmp[icmp_field::kCode] = numbers.code;
  store_be16(icmp, icmp_field::kChecksum, 0);
  store_be32(icmp, 4, 0);
  if (fields.kind != IcmpErrorKind::TooBig) return;
  if constexpr (std::same_as<Addr, Ipv4Addr>) {
    const auto mtu = static_cast<std::uint16_t>(std::min<std::uint32_t>(fields.mtu, 0xffff));
    store_be16(icmp, icmp_field::kNextHopMtu, mtu);
  } else {
    store_be32(icmp, icmp_field::kIpv6Mtu, fields.mtu);
  }
}

}  // namespace detail

/// Bytes of an error about this packet, from the IP header on: as much of it as fits is quoted.
template <AnyIpView Ip>
constexpr std::size_t icmp_error_length(const Ip& about) {
  using Addr = typename Ip::Addr;
  return std::min(kMinIpHeader<Addr> + icmp_field::kHeader + about.bytes().size(),
                  kLongestIcmpError<Addr>);
}

/// Writes an error about a packet, to its sender, into the start of `out`, which has
/// icmp_error_length() bytes or more; returns that length. `from` is the one who reports it.
template <AnyIpView Ip>
constexpr std::size_t store_icmp_error(MutableBytes out, const Ip& about,
                                       const typename Ip::Addr& from,
                                       const IcmpErrorFields& fields) {
  using Addr = typename Ip::Addr;
  const MutableBytes packet = out.first(icmp_error_length(about));
  const MutableBytes icmp = packet.subspan(kMinIpHeader<Addr>);
  const MutableBytes quoted = icmp.subspan(icmp_field::kHeader);
  std::copy_n(about.bytes().begin(), quoted.size(), quoted.begin());
  detail::store_icmp_message<Addr>(icmp, fields);
  std::uint64_t pseudo = 0;
  const std::uint8_t tos = detail::error_tos(Ip::kFamily, about.tos());
  if constexpr (Ip::kFamily == Family::Ipv4) {
    store_ipv4(packet, {.source = from,
                        .destination = about.source(),
                        .protocol = Protocol::Icmp,
                        .tos = tos,
                        .dont_fragment = false});
  } else {
    store_ipv6(
        packet,
        {.source = from, .destination = about.source(), .protocol = Protocol::Icmpv6, .tos = tos});
    pseudo = pseudo_header_words(from, about.source(), Protocol::Icmpv6, icmp.size());
  }
  store_be16(icmp, icmp_field::kChecksum,
             static_cast<std::uint16_t>(~fold(add_words(icmp, pseudo))));
  return packet.size();
}

}  // namespace lvs::wire
