#include <cerrno>

#include "profiles/io/objects/objects.h"

namespace lvs::profiles {

Result<void> add_object(RouteSocket& /*route*/, const NeighbourFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> remove_object(RouteSocket& /*route*/, const NeighbourFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> replace_object(RouteSocket& /*route*/, const NeighbourFact& /*before*/,
                            const NeighbourFact& /*after*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> read_neighbours(RouteSocket& /*route*/, const std::vector<IpAddr>& /*resolve*/,
                             Snapshot& /*snapshot*/) {
  return {};
}

}  // namespace lvs::profiles
