#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/derive.h"

// Where a service is asked: what has one VIP and port is asked there, and a service of many ports
// at some of them. A lab's servers listen where the check asks.

namespace lvs::verify {

/// What answers there with its host's name.
enum class Asked : std::uint8_t {
  Page,      ///< TCP: a web server
  Greeting,  ///< TCP: the line that an FTP server begins a control connection with
  Datagram,  ///< UDP: an echo
};

struct Target {
  IpAddr vip{};
  Protocol protocol = Protocol::Tcp;
  Port port{};
  Asked asked = Asked::Page;
  friend bool operator==(const Target&, const Target&) = default;
};

/// The ports at which a service of every port is asked, unless a person says others.
std::vector<Port> sampled_ports();

/// Where to ask for this service: its VIP and port; `every` for a service of every port; control
/// and one passive data port for persistent FTP; the VIPs and first ports of its [[mark]] entries.
/// Empty: nothing that a lab or a check could ask (a mark without a VIP, SCTP).
std::vector<Target> targets_of(const profiles::Profile& profile, const profiles::Service& service,
                               std::span<const Port> every);

/// The port on which a server takes what was sent to this target.
Port port_at(const profiles::Server& server, const profiles::Service& service,
             const Target& target);

/// All services of a profile, those that a mark chooses last.
std::vector<profiles::Service> all_services(const profiles::Profile& profile);

}  // namespace lvs::verify
