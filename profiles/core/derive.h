#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "profiles/core/profile.h"

namespace lvs::profiles {

/// One service of IPVS's kind: what one `[[service]]` entry stands for, for one VIP, protocol and
/// port. Each has its own persistence and its own scheduler state.
struct Service {
  std::string name;  ///< as said, else "tcp-192.168.1.99-80"; made distinct when an entry expands
  Protocol protocol = Protocol::Tcp;
  IpAddr vip{};
  Port port{};                          ///< 0: every port, or those of the mark
  const ServiceEntry* entry = nullptr;  ///< never null; points into the Profile
  /// Not 0: chosen by this mark. Then `vip` is the first that a [[mark]] entry says, and else
  /// 0.0.0.0 or ::, and `protocol` means nothing.
  std::uint32_t mark = 0;

  Family family() const { return vip.family(); }
};

/// Every service of the profile, in file order. Mark services are not in it.
std::vector<Service> expand(const Profile& profile);

/// The services that are chosen by a mark, in file order: "mark-1", with IPv6 "mark-1-ipv6".
std::vector<Service> mark_services(const Profile& profile);
/// The [[mark]] entries that may give packets the mark of this service, in file order.
std::vector<const MarkEntry*> marks_of(const Profile& profile, const Service& service);

/// A real server of a service, resolved.
struct Server {
  std::string name;  ///< the host's name, else the address
  IpAddr address{};
  Port port{};
  std::uint32_t weight = 1;
  Method method = Method::Dr;
  bool local = false;       ///< the server is the host `director` itself
  std::uint32_t upper = 0;  ///< connection thresholds, 0: none
  std::uint32_t lower = 0;
};

/// The servers of a service as the director `director` sees them, in the order of adding.
std::vector<Server> servers_of(const Profile& profile, const Service& service,
                               const Host& director);

/// The address under which the rest of the cluster reaches `host` for a service with this VIP: the
/// address whose network holds the VIP, else the first of the host of that family.
std::optional<IpAddr> address_of(const Host& host, const IpAddr& vip);

/// The same for a server of one method: a tunnel may carry the other family, so where the host has
/// no address of the VIP's family, tun takes its first.
std::optional<IpAddr> real_address_of(const Host& host, const IpAddr& vip, Method method);

/// The NIC on which a VIP belongs: the one that lists it in `vips`, else the one whose network
/// holds it, else the outside one, else the first. Null only when the host has no NIC.
const Nic* nic_for(const Host& host, const IpAddr& vip);

/// The VIPs of every service (and, for a real server, only of those that it serves), sorted, once.
std::vector<IpAddr> vips_for(const Profile& profile, const Host& host);

/// Which host of the file this machine is: the one all of whose addresses are on it. None or
/// several is an error that names the candidates and `--host`.
Result<const Host*> find_self(const Profile& profile, const std::vector<IpAddr>& own_addresses);

}  // namespace lvs::profiles
