#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.h"
#include "net/wire/addr.h"
#include "profiles/core/profile.h"

// What a lab is made of, from the profile alone: pure, so that it is tested without a namespace.

namespace lvs::verify {

/// One LAN: a bridge in the fabric namespace. NICs whose subnets meet are on one LAN.
struct Lan {
  std::string bridge;            ///< "lan0"
  std::vector<Prefix> networks;  ///< without host bits
};

struct LabNic {
  std::string name;  ///< as in the profile
  std::string port;  ///< the other end of the veth, in the fabric: "p0.1"
  MacAddr mac{};     ///< made from host and NIC number: the same in each run
  std::size_t lan = 0;
  std::vector<Prefix> addresses;
};

/// A route of a host that is there before any set-up. What leads to VIPs is a router's set-up.
struct LabRoute {
  Prefix destination{};
  IpAddr gateway{};
};

struct LabHost {
  std::string name;
  std::vector<profiles::Role> roles;
  std::vector<LabNic> nics;
  std::vector<LabRoute> routes;
  std::vector<Port> http_ports;        ///< TCP: nginx listens here
  std::vector<Port> echo_ports;        ///< UDP: the echo server listens here
  std::vector<Port> greeting_ports{};  ///< TCP: the server that greets as FTP's does

  bool has(profiles::Role role) const;
};

struct Topology {
  std::string name;
  std::vector<Lan> lans;
  std::vector<LabHost> hosts;  ///< in the order of the profile; made-up clients last

  /// The host of this name, or null.
  const LabHost* host(std::string_view wanted) const;
};

/// The name of the client that a lab adds when the profile describes none.
inline constexpr std::string_view kClientName = "client";

/// Lays the cluster out. Where the profile has no host of role client, one named "client" is added
/// with the addresses of `[lab] clients`, else with the first free address of the network in which
/// clients live: the router's outside network, or the one of the first VIP, or the director's
/// outside one. The error names the host and what does not fit.
Result<Topology> make_topology(const profiles::Profile& profile, std::string name);

}  // namespace lvs::verify
