#pragma once

#include <optional>

#include "director/core/moment.h"
#include "director/core/packet.h"
#include "director/core/step.h"

namespace lvs::director {

/// What becomes of a packet of no connection that comes from a real server of method Masq: the
/// reply to one-packet scheduling goes back as the service's (facts of IPVS, 2.9), and others are
/// told that nobody waits for them where nat_icmp_send says so (2.15). nullopt: of no such server,
/// or nothing special.
template <typename Addr>
std::optional<Step> judge_stray_reply(const Moment& moment, const Packet<Addr>& packet,
                                      Frame& frame);

}  // namespace lvs::director
