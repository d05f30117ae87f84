#include <optional>

#include "profiles/core/planning/planning.h"

namespace lvs::profiles {
namespace {

/// The metric of our default route where nothing forces another: below what DHCP clients and
/// networkd (100, 1024 …) give theirs, and easy to know again.
constexpr std::uint32_t kOurMetric = 76;

bool is_default(const RouteFact& route, Family family) {
  return route.destination.length == 0 && route.destination.addr.family() == family &&
         route.table == kMainTable && route.tos == 0;
}

std::optional<std::uint32_t> lowest_default_metric(const Snapshot& now, Family family) {
  std::optional<std::uint32_t> lowest;
  for (const RouteFact& route : now.routes)
    if (is_default(route, family) && (!lowest || route.metric < *lowest)) lowest = route.metric;
  return lowest;
}

/// The two halves of everything, each more specific than a default route.
std::vector<Prefix> halves(Family family) {
  if (family == Family::Ipv4)
    return {Prefix{Ipv4Addr{0, 0, 0, 0}, 1}, Prefix{Ipv4Addr{128, 0, 0, 0}, 1}};
  return {Prefix{Ipv6Addr{}, 1}, Prefix{Ipv6Addr{{0x80}}, 1}};
}

bool is_half(const RouteFact& route, Family family) {
  const std::vector<Prefix> both = halves(family);
  return route.table == kMainTable &&
         (route.destination == both[0] || route.destination == both[1]);
}

bool leads(const RouteFact& route, const DefaultRouteWish& wish) {
  return route.gateway == wish.gateway && route.link == wish.link && route.type == kUnicastRoute;
}

/// The routes by which everything leaves by the gateway already; empty when they do not.
std::vector<RouteFact> leading_routes(const Snapshot& now, const DefaultRouteWish& wish) {
  const Family family = wish.gateway.family();
  std::vector<RouteFact> found;
  for (const RouteFact& route : now.routes)
    if (is_half(route, family) && leads(route, wish)) found.push_back(route);
  if (found.size() == halves(family).size()) return found;
  found.clear();
  const std::optional<std::uint32_t> lowest = lowest_default_metric(now, family);
  for (const RouteFact& route : now.routes)
    if (is_default(route, family) && route.metric == lowest && leads(route, wish))
      found.push_back(route);
  return found;
}

/// Of a VPN, say: more specific than any default route, and not ours to overrule. Null: none.
const RouteFact* overruling_half(const Snapshot& now, const DefaultRouteWish& wish) {
  for (const RouteFact& route : now.routes)
    if (is_half(route, wish.gateway.family()) && !leads(route, wish)) return &route;
  return nullptr;
}

}  // namespace

void Planning::want(const DefaultRouteWish& wish) {
  const Family family = wish.gateway.family();
  if (const RouteFact* other = overruling_half(present_, wish)) {
    plan_.conflicts.push_back(describe(*other) +
                              " is there already and leads elsewhere: " + wish.why);
    return;
  }
  const std::vector<RouteFact> leading = leading_routes(present_, wish);
  for (const RouteFact& route : leading) share(AddRoute{route}, wish.why);
  if (!leading.empty()) return;

  RouteFact ours;
  ours.link = wish.link;
  ours.gateway = wish.gateway;
  ours.protocol = kOurProtocol;
  const std::optional<std::uint32_t> lowest = lowest_default_metric(present_, family);
  // In IPv6 metric 0 stands for 1024, so 1 is the lowest.
  const std::uint32_t floor = family == Family::Ipv4 ? 0 : 1;
  if (lowest && *lowest <= floor) {
    ours.metric = family == Family::Ipv4 ? 0 : kOurMetric;
    for (const Prefix& half : halves(family)) {
      ours.destination = half;
      want(RouteWish{ours, wish.why +
                               "; the default route that is there has the lowest metric and is "
                               "left alone, so this one is more specific"});
    }
    return;
  }
  ours.destination = family == Family::Ipv4 ? Prefix{Ipv4Addr{}, 0} : Prefix{Ipv6Addr{}, 0};
  ours.metric = lowest && *lowest <= kOurMetric ? *lowest - 1 : kOurMetric;
  make(AddRoute{ours}, lowest ? wish.why +
                                    "; preferred by its metric to the default route that is "
                                    "there, which is left alone"
                              : wish.why);
}

}  // namespace lvs::profiles
