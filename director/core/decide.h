#pragma once

#include "director/core/frame.h"
#include "director/core/lookup.h"
#include "director/core/moment.h"
#include "director/core/packet.h"

namespace lvs::director {

/// The half of the pipeline that lookup() leaves: a packet that belongs to no connection, or whose
/// connection gives way. Opens one where a service, a server and the limits allow it, and sends the
/// packet on. `found` is what lookup() said: Schedule, Replace or Discard.
template <typename Addr>
Found<Addr> decide(const Moment& moment, const Packet<Addr>& packet, Frame& frame,
                   const Found<Addr>& found);

}  // namespace lvs::director
