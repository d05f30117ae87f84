#pragma once

#include <optional>
#include <string>
#include <vector>

#include "net/wire/addr.h"
#include "profiles/core/profile.h"

// Who serves what, and by which NIC and address one host of a profile reaches another: questions
// that several roles ask.

namespace lvs::profiles {

/// One VIP of a service that a host serves.
struct Seat {
  const ServiceEntry* entry = nullptr;  ///< never null; points into the Profile
  IpAddr vip{};  ///< 0.0.0.0 or ::, nat alone: a service by a mark that says none
  IpAddr rip{};  ///< by which the director reaches the host for this VIP
};

/// What `host` serves by this method, in file order; as a sorry server too.
std::vector<Seat> seats_of(const Profile& profile, const Host& host, Method method);

/// The VIPs of these seats, sorted, once.
std::vector<IpAddr> vips_of(const std::vector<Seat>& seats);
/// Those of one family.
std::vector<IpAddr> of_family(const std::vector<IpAddr>& addresses, Family family);

/// The hosts of role director, in file order.
std::vector<const Host*> directors_of(const Profile& profile);

/// The NIC that has exactly this address, or null.
const Nic* nic_with(const Host& host, const IpAddr& address);
/// The first NIC in one of whose networks the address lies, or null.
const Nic* nic_toward(const Host& host, const IpAddr& address);
/// The address of a NIC in whose network `other` lies.
std::optional<IpAddr> address_toward(const Nic& nic, const IpAddr& other);
/// The first address of a NIC of this family.
std::optional<IpAddr> first_address(const Nic& nic, Family family);

/// With which sources packets of `host` can reach `other`: its addresses on a network of `other`,
/// else, through routers, any of that family. Sorted, once.
std::vector<IpAddr> sources_toward(const Host& host, const IpAddr& other);

}  // namespace lvs::profiles
