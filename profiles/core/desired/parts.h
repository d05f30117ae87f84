#pragma once

#include "profiles/core/desired.h"

// The roles' own parts of desire(), each in a file of its own, and what they share.

namespace lvs::profiles {

void desire_realserver(Desired& desired, const Profile& profile, const Host& host,
                       const Abilities& can);
void desire_director(Desired& desired, const Profile& profile, const Host& host,
                     const Abilities& can);

/// A real server of tun: takes packets out of the tunnel, without claiming the VIP.
void desire_tunnel_end(Desired& desired, const Profile& profile, const Host& host,
                       const Abilities& can);

/// A real server of nat: its default route goes by the director.
void desire_nat_server(Desired& desired, const Profile& profile, const Host& host);
/// A router: forwards, and leads to the VIPs.
void desire_router(Desired& desired, const Profile& profile, const Host& host,
                   const Abilities& can);
/// `arp = "static"` on a router or a client: the VIPs' MACs do not move.
void desire_static_neighbours(Desired& desired, const Profile& profile, const Host& host);

/// Silence about these VIPs, in the style that the host says; nothing for IPv6.
void add_silence(Desired& desired, const Host& host, const std::vector<IpAddr>& vips);
/// Its proof, on each NIC, for both families.
void add_silence_probes(Desired& desired, const Host& host, const std::vector<IpAddr>& vips);

/// The VIPs on a link, as a real server has them.
void add_vips(Desired& desired, const Host& host, const std::vector<IpAddr>& vips,
              const std::string& link);
/// The same on lo, with a host route for each that needs one.
void add_vips_on_lo(Desired& desired, const Host& host, const std::vector<IpAddr>& vips);

/// Derived sysctls. The host's own `sysctl` table goes before them: the value said is the only
/// accepted one then, and a note says what was derived. A key that is wished for already is left.
void add_derived(Desired& desired, const Host& host, std::vector<SysctlWish> derived);
/// The entries of the host's `sysctl` table that no derived wish has taken up, before the first
/// address.
void add_said_sysctls(Desired& desired, const Host& host);

/// A combined value that must hold, with its proof.
void add_checked(Desired& desired, const EffectiveRule& rule, std::vector<std::string> repairs);
/// Frames that come in by lo with foreign sources must not be dropped there.
void add_open_lo(Desired& desired, const std::string& why);

/// Forwarding of one family on the host's NICs that have an address of it.
void add_forwarding(Desired& desired, const Host& host, Family family, const Abilities& can,
                    const std::string& why);
/// No ICMP redirects, on `all` and each link, with the proof.
void add_no_redirects(Desired& desired, const Host& host, const std::vector<std::string>& links,
                      const std::string& why);
/// "net/ipv6/conf/LINK/SETTING"
std::string conf6_key(const std::string& link, const std::string& setting);

/// Our table of a family, without rules yet; `what` ends its comment.
OwnTable own_table(const Desired& desired, NftFamily family, const std::string& what);

/// The host's links by name, in the order of the file.
std::vector<std::string> link_names(const Host& host);

/// The host route to a VIP that both roles keep.
RouteFact host_route(const IpAddr& vip, const std::string& link);

}  // namespace lvs::profiles
