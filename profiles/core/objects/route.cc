#include "profiles/core/objects/route.h"

#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::string describe(const RouteFact& route) {
  std::string text = "route " + to_string(route.destination);
  if (route.gateway) text += " via " + to_string(*route.gateway);
  if (!route.link.empty()) text += " dev " + route.link;
  text += " proto " + std::to_string(route.protocol);
  if (route.table != kMainTable) text += " table " + std::to_string(route.table);
  if (route.metric != 0) text += " metric " + std::to_string(route.metric);
  return text;
}

std::string identity(const RouteFact& route) {
  return to_string(route.destination) + " " + std::to_string(route.table) + " " +
         std::to_string(route.metric) + " " + route.link;
}

bool same_place(const RouteFact& a, const RouteFact& b) {
  return a.destination == b.destination && a.table == b.table && a.metric == b.metric &&
         a.tos == b.tos;
}

bool is_as_made(const RouteFact& present, const RouteFact& made) {
  return same_place(present, made) && present.link == made.link &&
         present.protocol == made.protocol && present.gateway == made.gateway;
}

bool serves(const RouteFact& present, const RouteFact& wanted) {
  return same_place(present, wanted) && present.link == wanted.link &&
         present.gateway == wanted.gateway && present.type == wanted.type;
}

}  // namespace lvs::profiles
