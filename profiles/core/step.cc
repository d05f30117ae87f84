#include "profiles/core/step.h"

#include <algorithm>

#include "net/base/counted.h"
#include "net/base/overload.h"
#include "net/base/sysctl_name.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

std::string joined(const std::vector<Ipv4Addr>& addresses) {
  std::string text;
  for (const Ipv4Addr& address : addresses) text += (text.empty() ? "" : ", ") + to_string(address);
  return text;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// A route is found again by everything that the kernel keeps routes apart by, and its protocol.
bool same_route(const RouteFact& a, const RouteFact& b) {
  return a.destination == b.destination && a.table == b.table && a.metric == b.metric &&
         a.tos == b.tos && a.link == b.link && a.protocol == b.protocol;
}

template <typename T, typename Matches>
void erase_first(std::vector<T>& items, Matches matches) {
  const auto found = std::find_if(items.begin(), items.end(), matches);
  if (found != items.end()) items.erase(found);
}

std::string tell_probe(const ArpProbe& probe) {
  return "ARP probe on " + probe.link + ": who-has " + joined(probe.vips) +
         " must stay unanswered (control: " + to_string(probe.control) + " must be answered)";
}

std::string tell_announce(const Announce& announce) {
  return "announce " + joined(announce.vips) + " on " + announce.link + " (gratuitous ARP)";
}

}  // namespace

std::string scope_name(std::uint8_t scope) {
  if (scope == kScopeGlobal) return "global";
  if (scope == kScopeLink) return "link";
  if (scope == kScopeHost) return "host";
  return std::to_string(scope);
}

std::string describe(const AddressFact& address) {
  std::string text = to_string(Prefix{address.addr, address.prefix_len}) + " on " + address.link;
  text += " (";
  if (!address.label.empty() && address.label != address.link)
    text += "label " + address.label + ", ";
  return text + "scope " + scope_name(address.scope) + ")";
}

std::string describe(const RouteFact& route) {
  std::string text = "route " + to_string(route.destination);
  if (route.gateway) text += " via " + to_string(*route.gateway);
  if (!route.link.empty()) text += " dev " + route.link;
  text += " proto " + std::to_string(route.protocol);
  if (route.table != kMainTable) text += " table " + std::to_string(route.table);
  if (route.metric != 0) text += " metric " + std::to_string(route.metric);
  return text;
}

std::string describe(const Withholding& table) {
  return "nft table netdev " + table.table + " (" + counted(table.services.size(), "service") +
         " to " + joined(table.fragments_to) + " at ingress of " + joined(table.links) + ")";
}

std::string describe(const Step& step) {
  return std::visit(
      Overload{
          [](const SetSysctl& s) { return "set " + dotted(s.key) + " = " + s.value; },
          [](const AddAddress& s) { return "add " + describe(s.address); },
          [](const RemoveAddress& s) { return "remove " + describe(s.address); },
          [](const AddRoute& s) { return "add " + describe(s.route); },
          [](const RemoveRoute& s) { return "remove " + describe(s.route); },
          [](const AddWithholding& s) { return "add " + describe(s.table); },
          [](const RemoveWithholding& s) { return "remove " + describe(s.table); },
          [](const ReplaceWithholding& s) { return "change to " + describe(s.after); },
          [](const ReadBackEffective& s) {
            return "read back effective " + s.rule.setting + " on " + s.rule.link + " (must be " +
                   list_of(s.rule.accepted) + ")";
          },
          [](const ArpProbe& s) { return tell_probe(s); },
          [](const Announce& s) { return tell_announce(s); },
      },
      step);
}

std::string diff_text(const Step& step) {
  return std::visit(
      Overload{
          [](const SetSysctl& s) { return dotted(s.key) + ": " + s.before + " -> " + s.value; },
          [](const AddAddress& s) { return describe(s.address); },
          [](const RemoveAddress& s) { return describe(s.address); },
          [](const AddRoute& s) { return describe(s.route); },
          [](const RemoveRoute& s) { return describe(s.route); },
          [](const AddWithholding& s) { return describe(s.table); },
          [](const RemoveWithholding& s) { return describe(s.table); },
          [](const ReplaceWithholding& s) {
            return describe(s.before) + " -> " + describe(s.after);
          },
          [&](const auto&) { return describe(step); },
      },
      step);
}

char diff_sign(const Step& step) {
  return std::visit(Overload{
                        [](const AddAddress&) { return '+'; },
                        [](const AddRoute&) { return '+'; },
                        [](const AddWithholding&) { return '+'; },
                        [](const RemoveAddress&) { return '-'; },
                        [](const RemoveRoute&) { return '-'; },
                        [](const RemoveWithholding&) { return '-'; },
                        [](const SetSysctl&) { return '~'; },
                        [](const ReplaceWithholding&) { return '~'; },
                        [](const auto&) { return '?'; },
                    },
                    step);
}

std::optional<Step> inverse(const Step& step) {
  using Inverse = std::optional<Step>;
  return std::visit(
      Overload{
          [](const SetSysctl& s) -> Inverse {
            return SetSysctl{s.key, s.before, s.value, s.original};
          },
          [](const AddAddress& s) -> Inverse { return RemoveAddress{s.address}; },
          [](const RemoveAddress& s) -> Inverse { return AddAddress{s.address}; },
          [](const AddRoute& s) -> Inverse { return RemoveRoute{s.route}; },
          [](const RemoveRoute& s) -> Inverse { return AddRoute{s.route}; },
          [](const AddWithholding& s) -> Inverse { return RemoveWithholding{s.table}; },
          [](const RemoveWithholding& s) -> Inverse { return AddWithholding{s.table}; },
          [](const ReplaceWithholding& s) -> Inverse {
            return ReplaceWithholding{s.after, s.before};
          },
          [](const auto&) -> Inverse { return std::nullopt; },
      },
      step);
}

bool changes_host(const Step& step) { return inverse(step).has_value(); }

std::string object_of(const Step& step) {
  const auto address = [](const AddressFact& a) {
    return "address " + to_string(Prefix{a.addr, a.prefix_len}) + " " + a.link;
  };
  const auto route = [](const RouteFact& r) {
    return "route " + to_string(r.destination) + " " + std::to_string(r.table) + " " +
           std::to_string(r.metric) + " " + r.link;
  };
  return std::visit(Overload{
                        [](const SetSysctl& s) { return "sysctl " + s.key; },
                        [&](const AddAddress& s) { return address(s.address); },
                        [&](const RemoveAddress& s) { return address(s.address); },
                        [&](const AddRoute& s) { return route(s.route); },
                        [&](const RemoveRoute& s) { return route(s.route); },
                        [](const AddWithholding& s) { return "table " + s.table.table; },
                        [](const RemoveWithholding& s) { return "table " + s.table.table; },
                        [](const ReplaceWithholding& s) { return "table " + s.after.table; },
                        [&](const auto&) { return describe(step); },
                    },
                    step);
}

void carry_out_on(Snapshot& snapshot, const Step& step) {
  const auto drop_table = [&](const std::string& name) {
    erase_first(snapshot.withholdings, [&](const Withholding& t) { return t.table == name; });
  };
  std::visit(Overload{
                 [&](const SetSysctl& s) { snapshot.sysctls[s.key] = s.value; },
                 [&](const AddAddress& s) { snapshot.addresses.push_back(s.address); },
                 [&](const RemoveAddress& s) {
                   erase_first(snapshot.addresses,
                               [&](const AddressFact& a) { return a == s.address; });
                 },
                 [&](const AddRoute& s) { snapshot.routes.push_back(s.route); },
                 [&](const RemoveRoute& s) {
                   erase_first(snapshot.routes,
                               [&](const RouteFact& r) { return same_route(r, s.route); });
                 },
                 [&](const AddWithholding& s) { snapshot.withholdings.push_back(s.table); },
                 [&](const RemoveWithholding& s) { drop_table(s.table.table); },
                 [&](const ReplaceWithholding& s) {
                   drop_table(s.before.table);
                   snapshot.withholdings.push_back(s.after);
                 },
                 [](const auto&) {},
             },
             step);
}

}  // namespace lvs::profiles
