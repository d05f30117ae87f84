#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "net/wire/addr.h"
#include "verify/core/rotation.h"

namespace lvs::verify {

/// One datagram from a port of its own, and the first one that comes back to it.
struct UdpQuestion {
  IpAddr to{};
  Port port{};
  std::optional<IpAddr> from;  ///< source address; absent: the kernel chooses
  /// Local ports of earlier questions: to the director, and on the wire, two questions from one
  /// port are one flow, and the kernel gives a port anew as soon as it is free.
  std::set<std::uint16_t> used{};
  std::string text = "lvs-verify";
  std::chrono::milliseconds deadline{1000};
};

struct UdpAnswer {
  Endpoint local;
  std::string failure;  ///< empty when there was an answer
  std::string text;     ///< at most 2048 bytes
};

/// Sends once: a repeated datagram would be another turn of the scheduler. The socket is connected,
/// so only the service's own address may answer and an ICMP error is seen.
UdpAnswer ask_udp(const UdpQuestion& question);

}  // namespace lvs::verify
