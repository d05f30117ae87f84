#include "profiles/io/abilities.h"

namespace lvs::profiles {

Result<Abilities> read_abilities(linux_net::RouteSocket& /*route*/) { return Abilities{}; }

}  // namespace lvs::profiles
