#include <algorithm>
#include <cerrno>
#include <optional>

#include "net/linux/tunnel_links.h"
#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

std::optional<TunnelKind> kind_named(std::string_view name) {
  for (const TunnelKind kind : {TunnelKind::Ipip, TunnelKind::Sit, TunnelKind::Ip6tnl})
    if (to_string(kind) == name) return kind;
  return std::nullopt;
}

std::optional<TunnelFact> fact_of(const linux_net::TunnelLink& tunnel) {
  const std::optional<TunnelKind> kind = kind_named(tunnel.kind);
  if (!kind) return std::nullopt;
  return TunnelFact{tunnel.name, *kind, tunnel.local, tunnel.alias};
}

}  // namespace

Result<void> add_object(RouteSocket& /*route*/, const TunnelFact& fact) {
  return linux_net::add_tunnel({{}, fact.link, to_string(fact.kind), fact.local, fact.alias});
}

Result<void> remove_object(RouteSocket& route, const TunnelFact& fact) {
  LVS_TRY(const std::vector<linux_net::TunnelLink> tunnels, linux_net::tunnel_links());
  const auto found = std::ranges::find(tunnels, fact.link, &linux_net::TunnelLink::name);
  if (found == tunnels.end())
    return fail("remove " + describe(fact) + ": there is none of this name", ENODEV);
  if (fact_of(*found) != fact)
    return fail("remove " + describe(fact) + ": what has its name now is not what was made (kind " +
                    found->kind + ", alias \"" + found->alias + "\")",
                EEXIST);
  return route.remove_link(found->index);
}

Result<void> add_object(RouteSocket& route, const UpFact& fact) {
  LVS_TRY(const linux_net::Link link, route.link_named(fact.link));
  return route.set_up(link.index);
}

Result<void> remove_object(RouteSocket& route, const UpFact& fact) {
  LVS_TRY(const linux_net::Link link, route.link_named(fact.link));
  return route.set_down(link.index);
}

Result<void> read_tunnels(RouteSocket& /*route*/, Snapshot& snapshot) {
  LVS_TRY(const std::vector<linux_net::TunnelLink> tunnels, linux_net::tunnel_links());
  for (const linux_net::TunnelLink& tunnel : tunnels)
    if (const auto fact = fact_of(tunnel)) snapshot.tunnels.push_back(*fact);
  return {};
}

}  // namespace lvs::profiles
