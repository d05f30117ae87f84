#pragma once

#include "director/core/moment.h"
#include "director/core/packet.h"
#include "director/core/step.h"

namespace lvs::director {

/// What becomes of an ICMP packet (facts of IPVS, 2.15). An error belongs to the flow of the packet
/// that it quotes, and goes the way of that flow's packets in the other direction. Errors that no
/// flow is known for, and everything that is no error, are the kernel's.
template <typename Addr>
Step follow_icmp(const Moment& moment, const IpPacket<Addr>& packet, Frame& frame);

/// Nothing is said about ICMP errors and later fragments (RFC 1122, 3.2.2): what would be told is
/// dropped.
constexpr Step silent(const Step& step) {
  if (step.next == Next::TtlExceeded) return detail::drop(DropReason::TtlExpired);
  if (step.next == Next::TooBig) return detail::drop(DropReason::TooBig);
  if (step.next == Next::NoServer) return detail::drop(DropReason::NoServer);
  return step;
}

}  // namespace lvs::director
