#pragma once

#include "verify/core/rotation.h"

namespace lvs::verify {

/// The local end of a bound or connected socket; the zero endpoint when there is none.
Endpoint local_endpoint(int socket);

}  // namespace lvs::verify
