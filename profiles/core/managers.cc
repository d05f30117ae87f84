#include "profiles/core/managers.h"

#include <algorithm>
#include <array>

#include "net/base/joined.h"
#include "net/base/overload.h"

namespace lvs::profiles {
namespace {

/// What of a host a manager may touch.
struct Concerns {
  bool routes = false;
  bool addresses = false;
  bool tables = false;  ///< nf_tables tables of ours
  bool rules = false;   ///< rules of ours in chains of others
  bool forwards = false;
  std::vector<std::string> tunnels;
};

Concerns concerns_of(const Desired& desired) {
  Concerns concerns;
  for (const Wish& wish : desired.wishes) {
    std::visit(
        Overload{
            [&](const ObjectWish<RouteFact>&) { concerns.routes = true; },
            [&](const DefaultRouteWish&) { concerns.routes = true; },
            [&](const AddressWish&) { concerns.addresses = true; },
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

std::string networkd_advice(const Concerns& concerns) {
  if (!concerns.routes) return "";
  return "takes routes away that it did not make, when it restarts or a carrier comes back; to "
         "stop "
         "it, put `[Network]`, `ManageForeignRoutes=no` and `ManageForeignRoutingPolicyRules=no` "
         "on "
         "lines of their own into /etc/systemd/networkd.conf.d/lvskit.conf and restart it before "
         "apply";
}

std::string network_manager_advice(const Concerns& concerns) {
  std::string text;
  if (concerns.addresses || concerns.routes)
    text =
        "takes addresses and routes away that are not in its profile, when it activates a "
        "connection anew; run apply again after that, or keep them in its profile as well";
  if (!concerns.tunnels.empty()) {
    text += text.empty() ? "" : "; ";
    text += "may take over new devices; to stop it, put `[keyfile]` and `unmanaged-devices=";
    std::vector<std::string> names;
    for (const std::string& link : concerns.tunnels) names.push_back("interface-name:" + link);
    text += joined(names, ";") + "` into /etc/NetworkManager/conf.d/lvskit.conf";
  }
  return text;
}

std::string firewalld_advice(const Concerns& concerns) {
  if (!concerns.rules && !concerns.tables) return "";
  return "builds its tables anew when it reloads, and a start of it may flush the whole ruleset; "
         "its "
         "own tables are not to be written to: what must pass goes in by firewall-cmd --permanent";
}

std::string ufw_advice(const Concerns& concerns) {
  if (!concerns.rules) return "";
  return "builds its chains anew on `ufw reload` and `ufw enable`, and a rule of ours in INPUT or "
         "FORWARD may go with them; the lasting way is the same rule in /etc/ufw/before.rules "
         "(IPv6: "
         "before6.rules)";
}

std::string docker_advice(const Concerns& concerns) {
  if (!concerns.forwards) return "";
  return "sets the policy of FORWARD to drop and writes its iptables rules anew when it starts: "
         "what "
         "this host forwards must pass there (chain DOCKER-USER); run apply again after docker "
         "restarts";
}

std::string nftables_advice(const Concerns& concerns) {
  if (!concerns.tables && !concerns.rules) return "";
  return "begins with `flush ruleset` when it is started or reloaded, and takes our tables with "
         "it; "
         "run apply again after that, or replace `flush ruleset` in /etc/nftables.conf by a "
         "deletion "
         "of its own tables";
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
          [](const Add<OwnTable>&) {
            return Suspects{Manager::Nftables, Manager::Firewalld};
          },
          [](const Add<Withholding>&) {
            return Suspects{Manager::Nftables, Manager::Firewalld};
          },
          [](const Add<ForeignRule>&) {
            return Suspects{Manager::Ufw, Manager::Docker, Manager::Firewalld, Manager::Nftables};
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
    return "; " + to_string(likely) + " (" + there->seen + ") probably took it away";
  }
  // Tables go for one reason only: somebody emptied the ruleset.
  if (is_table(missing))
    return "; somebody ran `nft flush ruleset`? (a start of nftables.service or firewalld does)";
  return "";
}

}  // namespace lvs::profiles
