#pragma once

#include "director/core/live_tables.h"
#include "director/core/lookup.h"
#include "director/core/packet.h"
#include "director/core/rate_limit.h"
#include "net/base/time.h"

namespace lvs::director {

/// The half of the pipeline that lookup() leaves: a packet that belongs to no connection, or whose
/// connection gives way. Opens one where a service, a server and the limits allow it, and sends the
/// packet on. `found` is what lookup() said: Schedule, Replace or Discard.
Step decide(LiveTables& tables, RateLimit& new_flows, const Packet& packet, const Step& found,
            Tick now);

}  // namespace lvs::director
