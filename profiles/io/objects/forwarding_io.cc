#include <cerrno>

#include "profiles/io/objects/objects.h"

namespace lvs::profiles {

Result<void> add_object(RouteSocket& /*route*/, const Forward6Fact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> remove_object(RouteSocket& /*route*/, const Forward6Fact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> read_forwarding(Snapshot& /*snapshot*/) { return {}; }

}  // namespace lvs::profiles
