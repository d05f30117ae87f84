#include <cerrno>

#include "profiles/io/objects/objects.h"

namespace lvs::profiles {

Result<void> add_object(RouteSocket& /*route*/, const TunnelFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> remove_object(RouteSocket& /*route*/, const TunnelFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> add_object(RouteSocket& /*route*/, const UpFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> remove_object(RouteSocket& /*route*/, const UpFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> read_tunnels(RouteSocket& /*route*/, Snapshot& /*snapshot*/) { return {}; }

}  // namespace lvs::profiles
