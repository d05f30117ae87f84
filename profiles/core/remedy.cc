#include "profiles/core/remedy.h"

#include "net/base/joined.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

std::string quoted(const std::string& command) { return "run `" + command + "`"; }

/// A chain of firewalld's belongs to the zone in its name (filter_IN_public …); the base chains
/// belong to all. A protocol is let in by zone, a forwarded packet only by a policy or a direct
/// rule.
std::string firewalld_command(const FirewallChain& chain, const PacketMatch& match) {
  if (chain.hook == Hook::Forward) {
    std::string rule = match.family == Family::Ipv4 ? "ipv4" : "ipv6";
    rule += " filter FORWARD 0";
    for (const std::string& word : iptables_words(match)) rule += " " + word;
    return quoted("firewall-cmd --permanent --direct --add-rule " + rule +
                  " -j ACCEPT && firewall-cmd --reload");
  }
  std::string zone;
  if (!match.in_link.empty())
    zone = "--zone=$(firewall-cmd --get-zone-of-interface=" + match.in_link + ") ";
  std::string what;
  if (match.port)
    what = "--add-port=" + std::to_string(match.port->number) + "/udp";
  else if (match.protocol)
    // By number: for /etc/protocols `ipip` is 94, and protocol 4 has other names elsewhere.
    what = "--add-protocol=" + std::to_string(*match.protocol);
  else if (match.source)
    what = "--add-source=" + lvs::to_string(*match.source);
  else
    what = "--set-target=ACCEPT";
  return quoted("firewall-cmd --permanent " + zone + what + " && firewall-cmd --reload");
}

std::string legacy_command(const FirewallChain& chain, const PacketMatch& match) {
  std::string command = chain.family == NftFamily::Ip ? "iptables-legacy" : "ip6tables-legacy";
  command += " -I " + chain.chain;
  for (const std::string& word : iptables_words(match)) command += " " + word;
  return quoted(command + " -j ACCEPT") + " (Debian: package iptables)";
}

}  // namespace

std::vector<std::string> iptables_words(const PacketMatch& match) {
  std::vector<std::string> words;
  const auto add = [&](const char* option, std::string value) {
    words.insert(words.end(), {option, std::move(value)});
  };
  if (match.source) add("-s", lvs::to_string(match.source->network()));
  if (match.destination) add("-d", lvs::to_string(match.destination->network()));
  if (!match.in_link.empty()) add("-i", match.in_link);
  if (!match.out_link.empty()) add("-o", match.out_link);
  if (match.protocol) add("-p", std::to_string(*match.protocol));
  if (match.port) add("--dport", std::to_string(match.port->number));
  if (match.established) {
    add("-m", "conntrack");
    add("--ctstate", "ESTABLISHED,RELATED");
  }
  return words;
}

std::string command_for(const FirewallChain& chain, const PacketMatch& match) {
  if (chain.manager == "firewalld") return firewalld_command(chain, match);
  if (!chain.writable) return legacy_command(chain, match);
  if (!chain.owned) return "";
  return "let the program that owns table " + to_string(chain.family) + " " + chain.table +
         " accept " + describe(match);
}

std::string advice_for(const FirewallChain& chain, const PacketMatch& match) {
  if (chain.manager == "ufw") {
    const std::string chain_name = chain.family == NftFamily::Ip6 ? "ufw6-before-" : "ufw-before-";
    std::string line = "-A " + chain_name + to_string(chain.hook);
    for (const std::string& word : iptables_words(match)) line += " " + word;
    return "ufw takes the rule away when it reloads, if /etc/default/ufw says MANAGE_BUILTINS=yes: "
           "for ufw to keep it, put `" +
           line + " -j ACCEPT` into /etc/ufw/" +
           (chain.family == NftFamily::Ip6 ? "before6.rules" : "before.rules") +
           ", behind `# End required lines`";
  }
  if (chain.kind == FirewallKind::Nft)
    return "a reload of /etc/nftables.conf removes the rule: apply again after it";
  return "";
}

}  // namespace lvs::profiles
