#include "profiles/core/managers.h"

#include <algorithm>
#include <array>

#include "net/base/joined.h"
#include "net/base/overload.h"

namespace lvs::profiles {
namespace {

/// What of a host a manager may touch.
struct Concerns {
  bool lo = false;      ///< addresses or routes on lo
  bool nics = false;    ///< addresses or routes on NICs
  bool tables = false;  ///< nf_tables tables of ours
  bool rules = false;   ///< rules of ours in chains of others
  bool forwards = false;
  std::vector<std::string> tunnels;
};

Concerns concerns_of(const Desired& desired) {
  Concerns concerns;
  const auto place = [&](const std::string& link) {
    (link == "lo" ? concerns.lo : concerns.nics) = true;
  };
  for (const Wish& wish : desired.wishes) {
    std::visit(
        Overload{
            [&](const ObjectWish<RouteFact>& w) { place(w.object.link); },
            [&](const DefaultRouteWish& w) { place(w.link); },
            [&](const AddressWish& w) { place(w.link); },
            [&](const ObjectWish<Withholding>&) { concerns.tables = true; },
            [&](const ObjectWish<OwnTable>& w) {
              concerns.tables = true;
              for (const OwnRule& rule : w.object.rules)
                if (std::holds_alternative<MasqueradeRule>(rule)) concerns.forwards = true;
            },
            [&](const AcceptWish& w) {
              concerns.rules = true;
              if (w.hook == Hook::Forward) concerns.forwards = true;
            },
            [&](const ObjectWish<TunnelFact>& w) { concerns.tunnels.push_back(w.object.link); },
            [](const auto&) {},
        },
        wish);
  }
  return concerns;
}

// What each of these says was tried with the real program on a booted system, as of Debian 12:
// tests/systemd/managers does it again.

std::string networkd_advice(const Concerns& concerns) {
  if (!concerns.nics) return "";
  // ManageForeignRoutes=no is no help: networkd takes a link's addresses away first, and with the
  // last of them the kernel takes every route of the link.
  return "takes addresses and routes away that are not in its files, from every NIC that it "
         "configures, on `networkctl reconfigure` and on `networkctl reload` of a changed file, "
         "and routes when a carrier stays away; to keep ours, add what `export --format networkd` "
         "prints for a NIC to its file, as /etc/systemd/network/FILE.network.d/lvskit.conf";
}

std::string network_manager_advice(const Concerns& concerns) {
  std::string text;
  if (concerns.nics) {
    text =
        "takes addresses and routes away that are not in its profile, when it activates or "
        "reapplies a connection and when a carrier stays away; run apply again after that. An "
        "address (`nmcli connection modify CONNECTION +ipv4.addresses VIP/32`) or a gateway that "
        "is in its profile as well comes back by itself";
  }
  std::vector<std::string> names;
  if (concerns.lo) names.emplace_back("interface-name:lo");
  for (const std::string& link : concerns.tunnels) names.push_back("interface-name:" + link);
  if (names.empty()) return text;
  text += text.empty() ? "" : "; ";
  return text + "may take over " + (concerns.lo ? "lo" : "new devices") +
         (concerns.lo && !concerns.tunnels.empty() ? " and new devices" : "") +
         " (`nmcli device reapply`, `disconnect`); to stop it, put `[keyfile]` and "
         "`unmanaged-devices=" +
         joined(names, ";") +
         "` on lines of their own into /etc/NetworkManager/conf.d/lvskit.conf and restart it";
}

std::string firewalld_advice(const Concerns& concerns) {
  if (!concerns.rules && !concerns.tables) return "";
  return "empties every chain of iptables when it starts, and with them goes a rule of ours there "
         "(run apply again after that); our own nft tables it leaves alone. Its own tables are not "
         "to be written to: what must pass goes in by firewall-cmd --permanent";
}

std::string ufw_advice(const Concerns& concerns) {
  if (!concerns.rules) return "";
  return "leaves a rule of ours in INPUT or FORWARD alone, unless /etc/default/ufw says "
         "MANAGE_BUILTINS=yes: then `ufw reload` and `ufw enable` take it away; the lasting way is "
         "the same rule in /etc/ufw/before.rules (IPv6: before6.rules)";
}

std::string docker_advice(const Concerns& concerns) {
  if (!concerns.forwards) return "";
  return "sets the policy of FORWARD to drop when it first starts: what this host forwards must "
         "pass there from then on, so run apply again after that; a restart leaves our rules, but "
         "puts its own before them (what DOCKER-USER drops is dropped)";
}

std::string nftables_advice(const Concerns& concerns) {
  if (!concerns.tables && !concerns.rules) return "";
  return "empties the whole ruleset when it is started, reloaded, stopped or restarted, and takes "
         "our tables with it; run apply again after that. A /etc/nftables.conf that deletes its "
         "own tables in the place of `flush ruleset` makes start and reload harmless; stop and "
         "restart stay as they are, by ExecStop of the unit";
}

std::string advice_of(Manager manager, const Concerns& concerns) {
  switch (manager) {
    case Manager::Networkd:
      return networkd_advice(concerns);
    case Manager::NetworkManager:
      return network_manager_advice(concerns);
    case Manager::Firewalld:
      return firewalld_advice(concerns);
    case Manager::Ufw:
      return ufw_advice(concerns);
    case Manager::Docker:
      return docker_advice(concerns);
    case Manager::Nftables:
      return nftables_advice(concerns);
  }
  return "";
}

/// Who takes away an object of this kind, the likeliest first.
std::vector<Manager> suspects_of(const Step& missing) {
  using Suspects = std::vector<Manager>;
  return std::visit(
      Overload{
          [](const Add<RouteFact>&) {
            return Suspects{Manager::Networkd, Manager::NetworkManager};
          },
          [](const Add<AddressFact>&) {
            return Suspects{Manager::NetworkManager, Manager::Networkd};
          },
          [](const Add<OwnTable>&) { return Suspects{Manager::Nftables}; },
          [](const Add<Withholding>&) { return Suspects{Manager::Nftables}; },
          [](const Add<ForeignRule>&) {
            return Suspects{Manager::Firewalld, Manager::Nftables, Manager::Docker, Manager::Ufw};
          },
          [](const auto&) { return Suspects{}; },
      },
      missing);
}

bool is_table(const Step& step) {
  return std::holds_alternative<Add<OwnTable>>(step) ||
         std::holds_alternative<Add<Withholding>>(step);
}

}  // namespace

std::string to_string(Manager manager) {
  constexpr std::array names{"systemd-networkd", "NetworkManager",  "firewalld", "ufw",
                             "docker",           "nftables.service"};
  return names.at(static_cast<std::size_t>(manager));
}

std::vector<std::string> advice(const std::vector<FoundManager>& found, const Desired& desired) {
  const Concerns concerns = concerns_of(desired);
  std::vector<std::string> notes;
  for (const FoundManager& one : found) {
    const std::string text = advice_of(one.manager, concerns);
    if (!text.empty())
      notes.push_back(to_string(one.manager) + " manages this network (" + one.seen + "): it " +
                      text);
  }
  return notes;
}

std::string suspect(const std::vector<FoundManager>& found, const Step& missing) {
  for (const Manager likely : suspects_of(missing)) {
    const auto there = std::find_if(found.begin(), found.end(),
                                    [&](const FoundManager& one) { return one.manager == likely; });
    if (there == found.end()) continue;
    const std::string who = "; " + to_string(likely) + " (" + there->seen + ") probably ";
    if (likely == Manager::Docker)
      return who + "made it necessary: its start sets the policy of FORWARD to drop";
    return who + "took it away";
  }
  // Tables go for one reason only: somebody emptied the ruleset.
  if (is_table(missing)) return "; somebody ran `nft flush ruleset`? (nftables.service does)";
  return "";
}

}  // namespace lvs::profiles
