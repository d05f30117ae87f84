#include "profiles/io/tunnel_probe.h"

namespace lvs::profiles {

Result<StepNote> probe_tunnel(const TunnelProbe& /*step*/) {
  return StepNote{true, "this version cannot do it"};
}

}  // namespace lvs::profiles
