#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "net/wire/addr.h"
#include "verify/core/rotation.h"

namespace lvs::verify {

/// A captured frame, from the Ethernet header on.
using Frame = std::vector<std::uint8_t>;

/// The service whose traffic is followed.
struct WireService {
  Protocol protocol = Protocol::Tcp;
  Ipv4Addr vip{};
  Port port{};
};

/// The connections to a service in the order in which they appeared. TCP: a flow begins with a SYN;
/// one with the sequence number of an earlier SYN of the same client port is a retransmission and
/// no flow of its own, one with another number is a port used again. UDP: a flow is a client's
/// port. The first frame that comes back gives the server's Ethernet address. Frames that cannot be
/// read or belong to somebody else are passed over.
/// A service that is asked at several VIPs and ports is followed at all of them.
std::vector<WireFlow> follow_flows(std::span<const Frame> frames,
                                   std::span<const WireService> services);

}  // namespace lvs::verify
