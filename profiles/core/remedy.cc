#include "profiles/core/remedy.h"

#include "net/base/joined.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

std::string protocol_name(const PacketMatch& match) {
  if (match.protocol == 4) return "ipip";
  if (match.protocol == 41) return "ipv6";
  if (match.protocol == 47) return "gre";
  return match.protocol ? std::to_string(*match.protocol) : "";
}

}  // namespace

std::string command_for(const FirewallChain& chain, const PacketMatch& match) {
  if (chain.manager == "firewalld") {
    std::string command = "firewall-cmd --permanent ";
    command += match.port ? "--add-port=" + std::to_string(match.port->number) + "/udp"
                          : "--add-protocol=" + protocol_name(match);
    return command + " && firewall-cmd --reload";
  }
  if (!chain.owned) return "";
  return "let the owner of table " + to_string(chain.family) + " " + chain.table + " accept " +
         describe(match);
}

}  // namespace lvs::profiles
