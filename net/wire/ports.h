#pragma once

#include <optional>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/ip.h"
#include "net/wire/transport.h"

// Freestanding.

namespace lvs::wire {

/// The first four bytes of every transport header.
struct Ports {
  Port source{};
  Port destination{};
  friend constexpr bool operator==(const Ports&, const Ports&) = default;
};

/// The ports of a packet of which only the beginning may be there, as an ICMP error quotes it.
/// nullopt: a protocol without ports, a later fragment, or cut off before they end.
template <AnyIpView Ip>
[[gnu::always_inline]] constexpr std::optional<Ports> find_ports(const Ip& ip) {
  if (!is_transport(ip.protocol()) || ip.is_later_fragment()) return std::nullopt;
  const ConstBytes start = ip.payload();
  if (start.size() < 4) return std::nullopt;
  return Ports{Port{load_be16(start, transport_field::kSourcePort)},
               Port{load_be16(start, transport_field::kDestinationPort)}};
}

}  // namespace lvs::wire
