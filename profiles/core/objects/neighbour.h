#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/wire/addr.h"

namespace lvs::profiles {

/// A permanent neighbour entry (`arp = "static"`: the VIP's MAC, which no gratuitous ARP can take
/// over), or with `proxy` an entry that makes this host answer for one address on `link`.
struct NeighbourFact {
  std::string link;
  IpAddr addr{};
  std::optional<MacAddr> mac;  ///< never set with `proxy`
  bool proxy = false;          ///< NTF_PROXY
  std::uint8_t protocol = 0;   ///< NDA_PROTOCOL, 76 for ours
  friend bool operator==(const NeighbourFact&, const NeighbourFact&) = default;
};

std::string describe(const NeighbourFact& neighbour);
std::string identity(const NeighbourFact& neighbour);
bool same_place(const NeighbourFact& a, const NeighbourFact& b);
bool is_as_made(const NeighbourFact& present, const NeighbourFact& made);
bool serves(const NeighbourFact& present, const NeighbourFact& wanted);

}  // namespace lvs::profiles
