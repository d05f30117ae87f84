#include "profiles/core/objects/neighbour.h"

#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::string describe(const NeighbourFact& neighbour) {
  const std::string where = to_string(neighbour.addr) + " dev " + neighbour.link;
  if (neighbour.proxy) return "proxy neighbour " + where;
  return "permanent neighbour " + where + (neighbour.mac ? " " + to_string(*neighbour.mac) : "");
}

std::string identity(const NeighbourFact& neighbour) {
  return (neighbour.proxy ? "proxy " : "") + to_string(neighbour.addr) + " " + neighbour.link;
}

bool same_place(const NeighbourFact& a, const NeighbourFact& b) {
  return a.link == b.link && a.addr == b.addr && a.proxy == b.proxy;
}

bool is_as_made(const NeighbourFact& present, const NeighbourFact& made) {
  return same_place(present, made) && present.mac == made.mac && present.protocol == made.protocol;
}

bool serves(const NeighbourFact& present, const NeighbourFact& wanted) {
  return same_place(present, wanted) && present.mac == wanted.mac;
}

}  // namespace lvs::profiles
