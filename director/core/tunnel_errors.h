#pragma once

#include <optional>

#include "director/core/moment.h"
#include "director/core/packet.h"
#include "director/core/step.h"

namespace lvs::director {

/// An ICMP error about the outer packet of one of our tunnels: what it says of the path's MTU is
/// learnt, and the client, who sent the inner packet, is told in our place (facts of IPVS, 2.15).
/// nullopt: it quotes something else.
template <typename Addr>
std::optional<Step> follow_tunnel_error(const Moment& moment, const IpPacket<Addr>& packet,
                                        Frame& frame);

}  // namespace lvs::director
