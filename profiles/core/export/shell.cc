#include <string>
#include <vector>

#include "net/base/joined.h"
#include "net/base/overload.h"
#include "net/wire/addr_text.h"
#include "profiles/core/export/export.h"
#include "profiles/core/export/nft_text.h"
#include "profiles/core/export/shell_functions.h"
#include "profiles/core/remedy.h"

namespace lvs::profiles {
namespace {

std::string flag_of(Family family) { return family == Family::Ipv4 ? "-4" : "-6"; }

/// Names of links, addresses and keys need no quotes; values of sysctls and comments do.
std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string quoted_all(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += " " + quoted(word);
  return text;
}

std::string rule_words(const EffectiveRule& rule) {
  return rule.link + " " + rule.setting + (rule.combine == Combine::Max ? " max " : " or ") +
         quoted(joined(rule.accepted, " "));
}

std::string route_words(const RouteFact& route) {
  std::string text = flag_of(route.destination.addr.family()) + " " + to_string(route.destination);
  if (route.gateway) text += " via " + to_string(*route.gateway);
  text += " dev " + route.link;
  if (route.scope == kScopeLink && !route.gateway && route.destination.addr.is_v4())
    text += " scope link";
  if (route.metric != 0) text += " metric " + std::to_string(route.metric);
  if (route.table != kMainTable) text += " table " + std::to_string(route.table);
  return text;
}

std::string accept_words(const AcceptWish& wish) {
  const std::string tool = wish.match.family == Family::Ipv4 ? "iptables" : "ip6tables";
  const std::string chain = wish.hook == Hook::Input ? "INPUT" : "FORWARD";
  return "let_pass " + tool + " " + chain + " " + quoted(wish.comment) +
         quoted_all(iptables_words(wish.match)) +
         "\n# A chain of another nf_tables table that drops needs the same rule by hand.";
}

template <typename Table>
std::string table_lines(const std::string& family, const std::string& name, const Table& table) {
  return "add_table " + family + " " + name + " <<'EOF'\n" + nft_text(table) + "EOF";
}

/// The commands for one wish; a comment for what a script cannot do.
struct Commands {
  std::string operator()(const SysctlWish& w) const {
    return "set_sysctl " + w.key + " " + quoted(w.value) + quoted_all(w.accepted);
  }
  std::string operator()(const EffectiveWish& w) const {
    if (w.repairs.empty()) return "check_effective " + rule_words(w.rule);
    return "repair_effective " + rule_words(w.rule) + quoted_all(w.repairs);
  }
  std::string operator()(const LowerWish& w) const { return "lower " + w.link + " " + w.setting; }
  std::string operator()(const AddressWish& w) const {
    const std::string address = to_string(Prefix{w.addr, w.addr.bits()});
    if (w.addr.is_v4()) return "add_address " + address + " " + w.link + " " + scope_name(w.scope);
    return "add_address6 " + address + " " + w.link + (w.no_dad ? " nodad" : "");
  }
  std::string operator()(const ObjectWish<RouteFact>& w) const {
    return "add_route " + route_words(w.object);
  }
  std::string operator()(const ObjectWish<Withholding>& w) const {
    return table_lines("netdev", w.object.table, w.object);
  }
  std::string operator()(const ObjectWish<OwnTable>& w) const {
    return table_lines(to_string(w.object.family), w.object.name, w.object);
  }
  std::string operator()(const ObjectWish<NeighbourFact>& w) const {
    const NeighbourFact& n = w.object;
    if (n.proxy) return "add_proxy " + n.link + " " + to_string(n.addr);
    if (!n.mac) return "# " + describe(n);
    return "add_neighbour " + n.link + " " + to_string(n.addr) + " " + to_string(*n.mac);
  }
  std::string operator()(const ObjectWish<TunnelFact>& w) const {
    const TunnelFact& t = w.object;
    const bool any = t.local == (t.local.is_v4() ? IpAddr{Ipv4Addr{}} : IpAddr{Ipv6Addr{}});
    return "add_tunnel " + t.link + " " + to_string(t.kind) + " " +
           (any ? "any" : to_string(t.local)) + " " + quoted(t.alias);
  }
  std::string operator()(const ObjectWish<UpFact>& w) const { return "set_up " + w.object.link; }
  std::string operator()(const DefaultRouteWish& w) const {
    return "add_default_route " + flag_of(w.gateway.family()) + " " + to_string(w.gateway) + " " +
           w.link;
  }
  std::string operator()(const AcceptWish& w) const { return accept_words(w); }
  std::string operator()(const StaticNeighbourWish& w) const {
    return "add_static_neighbour " + w.link + " " + to_string(w.addr) + " " + to_string(w.owner);
  }
  std::string operator()(const Forward6Wish& /*w*/) const { return "forward_ipv6"; }
  std::string operator()(const ProofWish& w) const {
    return std::visit(
        Overload{
            [](const ReadBackEffective&) { return std::string(); },
            [](const Announce& s) {
              std::string text;
              for (const IpAddr& vip : s.vips)
                text += (text.empty() ? "" : "\n") + std::string("announce ") + s.link + " " +
                        to_string(vip);
              return text;
            },
            [](const SettleSysctl& s) {
              return "if command -v udevadm >/dev/null; then udevadm settle --timeout=5 || true; "
                     "fi\nset_sysctl " +
                     s.key + " " + quoted(s.value) + " " + quoted(s.value);
            },
            [](const auto& s) { return "# By hand: " + describe(Step{s}); },
        },
        w.step);
  }
  template <typename T>
  std::string operator()(const ObjectWish<T>& w) const {
    return "# A script cannot do this: add " + describe(w.object);
  }
};

std::string why_of(const Wish& wish) {
  return std::visit(Overload{
                        [](const EffectiveWish& w) { return w.rule.why; },
                        [](const auto& w) { return w.why; },
                    },
                    wish);
}

std::string comment(const std::string& text) {
  std::string line = "# ";
  for (const char c : text) line += c == '\n' ? std::string("\n# ") : std::string(1, c);
  return line + "\n";
}

std::string up_function(const Desired& desired) {
  std::string text =
      "up() {\n[ ! -e \"$state\" ] || give_up \"it is up already; run down first\"\n";
  for (const std::string& link : desired.links) text += "need_link " + link + "\n";
  for (const NeededAddress& needed : desired.addresses)
    text += "need_address " + needed.link + " " + to_string(needed.address.addr) + "\n";
  text +=
      "# From here on: all, or nothing.\n: >\"$state\"\ntrap 'trap - EXIT; down; exit 1' EXIT\n";
  std::string told;
  for (const Wish& wish : desired.wishes) {
    const std::string commands = std::visit(Commands{}, wish);
    if (commands.empty()) continue;
    const std::string why = why_of(wish);
    if (!why.empty() && why != told) text += "\n" + comment(why);
    told = why;
    text += commands + "\n";
  }
  return text + "\ntrap - EXIT\n}\n";
}

}  // namespace

std::string export_sh(const Desired& desired, const std::string& program) {
  std::string text = "#!/bin/sh\n# Host " + desired.host + " of profile " + desired.profile +
                     ", as " + program +
                     " would set it up.\n#   sh THIS up | down\n"
                     "# Made from the profile: change that, not this.\n";
  for (const std::string& note : desired.notes) text += comment("note: " + note);
  for (const std::string& text_of : desired.refusals)
    text += comment("cannot be set up: " + text_of);
  for (const std::string& text_of : desired.lacking) text += comment("lacking: " + text_of);
  text += "set -eu\nstate=${LVSKIT_SCRIPT_STATE:-/run/lvskit-script-" + desired.profile + "-" +
          desired.host + "}\n";
  const std::string body =
      up_function(desired) +
      "\ncase ${1:-} in\n  up) up ;;\n  down) down ;;\n  *)\n    say \"usage: $0 up|down\" >&2\n"
      "    exit 64\n    ;;\nesac\n";
  return text + "\n" + functions_for(body) + "\n\n" + body;
}

}  // namespace lvs::profiles
