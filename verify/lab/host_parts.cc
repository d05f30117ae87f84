#include "verify/lab/host_parts.h"

#include <algorithm>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"

namespace lvs::verify {
namespace {

using profiles::ArpStyle;
using profiles::Host;
using profiles::Profile;
using profiles::Role;
using profiles::Service;

bool is_router(const Host& host) { return host.has(Role::Router); }
bool is_server(const Host& host) { return host.has(Role::RealServer) && !is_router(host); }
/// A client is set up only where its neighbour entries are to be held.
bool is_static_client(const Host& host) {
  return host.has(Role::Client) && host.arp == ArpStyle::Static && !is_router(host) &&
         !is_server(host);
}

/// A lab has servers for TCP and UDP.
std::string not_forwarded(const Service& service) {
  if (service.mark != 0) return {};
  if (service.protocol != Protocol::Tcp && service.protocol != Protocol::Udp)
    return "protocol " + to_string(service.protocol);
  return {};
}

}  // namespace

std::vector<HostPart> host_parts(const Profile& profile) {
  std::vector<HostPart> parts;
  for (const auto& has_part : {is_router, is_server, is_static_client})
    for (const Host& host : profile.hosts)
      if (has_part(host) && !host.has(Role::Director))
        parts.push_back({host.name, "lvs-realserver"});
  for (const Host& host : profile.hosts)
    if (host.has(Role::Director)) parts.push_back({host.name, "lvs-director"});
  return parts;
}

std::string not_forwarded(const Profile& profile) {
  for (const Service& service : profiles::expand(profile))
    if (const std::string what = not_forwarded(service); !what.empty())
      return what + " (service " + service.name + ")";
  return {};
}

}  // namespace lvs::verify
