#include <cerrno>

#include "profiles/io/objects/objects.h"

namespace lvs::profiles {

Result<void> add_object(RouteSocket& /*route*/, const FileFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> remove_object(RouteSocket& /*route*/, const FileFact& /*object*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> replace_object(RouteSocket& /*route*/, const FileFact& /*before*/,
                            const FileFact& /*after*/) {
  return fail("this version cannot do it", EOPNOTSUPP);
}

Result<void> read_files(const std::vector<std::string>& /*paths*/, Snapshot& /*snapshot*/) {
  return {};
}

}  // namespace lvs::profiles
