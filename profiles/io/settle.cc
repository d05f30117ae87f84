#include "profiles/io/settle.h"

namespace lvs::profiles {

Result<StepNote> settle_sysctl(const SettleSysctl& /*step*/) {
  return StepNote{true, "this version cannot do it"};
}

}  // namespace lvs::profiles
