#pragma once

#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "net/wire/addr.h"

// Whether other machines can be reached, all asked at once.

namespace lvs::linux_net {

/// A TCP connection comes about.
struct TcpTarget {
  IpAddr address{};
  Port port{};
};
/// An ICMP or ICMPv6 echo is answered.
struct PingTarget {
  IpAddr address{};
};
/// A who-has is answered, on the link whose network holds the address. IPv4.
struct NeighbourTarget {
  IpAddr address{};
};
using ReachTarget = std::variant<TcpTarget, PingTarget, NeighbourTarget>;

struct Reached {
  bool yes = false;
  std::string why{};  ///< not reached: of the last try
};

struct ReachOptions {
  int tries = 3;
  std::chrono::milliseconds patience{1000};  ///< of one try
};

/// Tries each until it is reached or its tries are used up, side by side: takes at most `tries` *
/// `patience`. One answer for each, in the same order.
std::vector<Reached> reach(const std::vector<ReachTarget>& targets,
                           const ReachOptions& options = {});

}  // namespace lvs::linux_net
