#include <cerrno>

#include "profiles/io/objects/objects.h"

namespace lvs::profiles {

Result<void> add_object(RouteSocket& /*route*/, const ClsactFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> remove_object(RouteSocket& /*route*/, const ClsactFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> add_object(RouteSocket& /*route*/, const DecapFilter& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> remove_object(RouteSocket& /*route*/, const DecapFilter& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> replace_object(RouteSocket& /*route*/, const DecapFilter& /*before*/,
                            const DecapFilter& /*after*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> add_object(RouteSocket& /*route*/, const DecapProcess& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> remove_object(RouteSocket& /*route*/, const DecapProcess& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> read_decap(RouteSocket& /*route*/, Snapshot& /*snapshot*/) { return {}; }

}  // namespace lvs::profiles
