#include <cerrno>

#include "profiles/io/objects/objects.h"

namespace lvs::profiles {

Result<void> add_object(RouteSocket& /*route*/, const OwnTable& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> remove_object(RouteSocket& /*route*/, const OwnTable& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> replace_object(RouteSocket& /*route*/, const OwnTable& /*before*/,
                            const OwnTable& /*after*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> read_tables(Snapshot& /*snapshot*/) { return {}; }

}  // namespace lvs::profiles
