#pragma once

#include "net/base/time.h"
#include "net/wire/addr.h"

namespace lvs::director {

/// What a scheduler may know of the flow that it chooses a server for.
struct NewFlow {
  IpAddr client{};
  IpAddr destination{};
  Port client_port{};  ///< 0 where the protocol has none
  Port destination_port{};
  Protocol protocol{};
  Tick now{};
};

}  // namespace lvs::director
