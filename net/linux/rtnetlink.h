#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/base/link_index.h"
#include "net/base/result.h"
#include "net/linux/netlink.h"
#include "net/wire/addr.h"

// Links, addresses, routes and neighbours of the calling thread's network namespace, as plain
// values. A socket belongs to the namespace in which it was opened and keeps it. Every error says
// what was tried, on what, and carries the kernel's own sentence (extended ACK) where it gave one.

namespace lvs::linux_net {

struct Link {
  LinkIndex index{};
  std::string name{};
  MacAddr mac{};
  std::uint32_t mtu = 0;    ///< bytes of an IP packet
  std::uint32_t flags = 0;  ///< IFF_UP, IFF_LOOPBACK, …
  LinkIndex master{};       ///< bridge, bond or VRF that this link is a port of; zero: none
  std::string kind{};       ///< "veth", "bridge", "ipip"…; empty for hardware and lo
  std::string alias{};      ///< IFLA_IFALIAS
  /// IF_OPER_*. A link that is up (IFF_UP, and even IFF_RUNNING) drops what it is told to send
  /// until this is IF_OPER_UP (6); a veth takes up to a second. Links that do not tell stay at 0.
  std::uint8_t oper_state = 0;
  friend bool operator==(const Link&, const Link&) = default;
};

struct Address {
  LinkIndex link{};
  IpAddr addr{};  ///< IFA_LOCAL where the kernel gives one, else IFA_ADDRESS
  std::uint8_t prefix_len = 32;
  std::uint8_t scope = 0;     ///< RT_SCOPE_*
  std::string label{};        ///< IFA_LABEL; empty for IPv6
  std::uint8_t protocol = 0;  ///< IFA_PROTO; 0: none, or a kernel before 5.18
  std::uint32_t flags = 0;    ///< IFA_FLAGS
  friend bool operator==(const Address&, const Address&) = default;
};

/// A route with several next hops (RTA_MULTIPATH) is shown by the first of them.
struct Route {
  Prefix destination{};  ///< 0.0.0.0/0 or ::/0 for a default route
  std::optional<IpAddr> gateway{};
  std::optional<IpAddr> preferred_source{};
  LinkIndex out{};
  std::uint32_t table = 254;  ///< RT_TABLE_*
  std::uint8_t protocol = 0;  ///< RTPROT_*
  std::uint8_t scope = 0;
  std::uint8_t type = 1;  ///< RTN_*
  std::uint32_t metric = 0;
  std::uint8_t tos = 0;
  std::uint32_t mtu = 0;  ///< of a route that was looked up: what it says itself; 0: nothing
  friend bool operator==(const Route&, const Route&) = default;
};

struct Neighbour {
  LinkIndex link{};
  IpAddr addr{};
  std::optional<MacAddr> mac{};
  std::uint16_t state = 0;    ///< NUD_*
  std::uint8_t flags = 0;     ///< NTF_*
  std::uint8_t protocol = 0;  ///< NDA_PROTOCOL
  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

/// Requests and dumps. Adding never replaces: it is NLM_F_CREATE|NLM_F_EXCL, so an object that is
/// already there is an error with sys_errno EEXIST, and nothing was changed.
class RouteSocket {
 public:
  static Result<RouteSocket> open();

  Result<std::vector<Link>> links();
  /// ENODEV with the names of the links that exist when there is none of this name.
  Result<Link> link_named(std::string_view name);
  Result<std::vector<Address>> addresses();
  Result<std::vector<Route>> routes();                ///< both families, every table
  Result<std::vector<Neighbour>> neighbours();        ///< both families, proxy entries not included
  Result<std::vector<Neighbour>> proxy_neighbours();  ///< both families, NTF_PROXY
  /// The route the kernel would take (RTM_GETROUTE), optionally as if leaving by `out`.
  Result<Route> route_to(const IpAddr& destination, LinkIndex out = {});

  Result<void> add_address(const Address& address);
  /// Names the label too, so that a foreign twin with another label is not removed.
  Result<void> remove_address(const Address& address);
  Result<void> add_route(const Route& route);
  /// Hits only a route with this protocol, table, metric and link.
  Result<void> remove_route(const Route& route);
  /// The kernel does not refuse a second proxy entry (NTF_PROXY) for the same address: it takes the
  /// first one over, mark included. Whoever adds one looks first.
  Result<void> add_neighbour(const Neighbour& neighbour);
  /// Makes the entry what is said, whatever was there.
  Result<void> replace_neighbour(const Neighbour& neighbour);
  Result<void> remove_neighbour(const Neighbour& neighbour);
  /// Asks the kernel to resolve an address that only we use (NTF_USE); the answer comes as a
  /// notification.
  Result<void> ask_neighbour(LinkIndex link, const IpAddr& address);

  // Links; the lab builds its cluster with these.
  Result<void> add_bridge(std::string_view name);
  /// Makes a veth pair: `name` here, `peer` in the namespace behind `peer_netns_fd` (-1: here).
  Result<void> add_veth(std::string_view name, std::string_view peer, int peer_netns_fd);
  Result<void> remove_link(LinkIndex link);
  Result<void> set_up(LinkIndex link);
  Result<void> set_down(LinkIndex link);
  Result<void> set_master(LinkIndex link, LinkIndex master);
  Result<void> set_mac(LinkIndex link, const MacAddr& mac);
  /// IFLA_IFALIAS, at most 255 bytes: the mark of ownership of a link.
  Result<void> set_alias(LinkIndex link, std::string_view alias);

 private:
  explicit RouteSocket(NetlinkSocket socket) : socket_(std::move(socket)) {}

  /// For messages: the link's name, or "link 7" when there is none of this number any more.
  std::string name_of(LinkIndex link);
  Result<std::vector<Route>> routes_like(std::uint8_t family, const Route* filter);
  /// The request's answer, with `what` in front of an error.
  Result<void> carry_out(Request& request, const std::string& what);

  NetlinkSocket socket_;
};

/// What changed, as the kernel tells it.
struct LinkChanged {
  Link link;
  bool gone = false;
};
struct AddressChanged {
  Address address;
  bool gone = false;
};
struct RouteChanged {
  Route route;
  bool gone = false;
};
struct NeighbourChanged {
  Neighbour neighbour;
  bool gone = false;
};
/// A rule that chooses among the routing tables came or went.
struct RuleChanged {};
/// Notifications were lost (ENOBUFS): read everything anew.
struct EventsLost {};
using RouteEvent = std::variant<LinkChanged, AddressChanged, RouteChanged, RuleChanged,
                                NeighbourChanged, EventsLost>;

/// Notifications of links, addresses, routes, routing rules and neighbours.
class RouteEvents {
 public:
  static Result<RouteEvents> open();
  int fd() const { return socket_.fd(); }
  /// Every event that is there now; does not wait.
  Result<std::vector<RouteEvent>> pending();

 private:
  explicit RouteEvents(NetlinkSocket socket) : socket_(std::move(socket)) {}
  NetlinkSocket socket_;
};

}  // namespace lvs::linux_net
