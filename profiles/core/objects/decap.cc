#include "profiles/core/objects/decap.h"

#include "net/base/joined.h"
#include "net/wire/addr_text.h"

namespace lvs::profiles {
namespace {

std::string tell(const DecapTarget& target) {
  const std::string to = " to " + to_string(target.outer);
  if (target.type == TunnelType::Gre) return "GRE" + to;
  if (target.type == TunnelType::Gue) return "GUE" + to + ":" + std::to_string(target.port.number);
  return "IPIP" + to;
}

}  // namespace

std::string describe(const DecapRules& rules) {
  std::vector<std::string> targets;
  for (const DecapTarget& target : rules.targets) targets.push_back(tell(target));
  return joined(targets) + " for " + joined(rules.vips);
}

std::string describe(const ClsactFact& clsact) { return "qdisc clsact on " + clsact.link; }
std::string identity(const ClsactFact& clsact) { return clsact.link; }
bool same_place(const ClsactFact& a, const ClsactFact& b) { return a.link == b.link; }
bool is_as_made(const ClsactFact& present, const ClsactFact& made) { return present == made; }
bool serves(const ClsactFact& present, const ClsactFact& wanted) { return present == wanted; }

std::string describe(const DecapFilter& filter) {
  return "BPF program lvskit_decap at ingress of " + filter.link + " (" + describe(filter.rules) +
         ")";
}
std::string identity(const DecapFilter& filter) { return filter.link + " " + filter.profile; }
bool same_place(const DecapFilter& a, const DecapFilter& b) {
  return a.link == b.link && a.profile == b.profile;
}
bool is_as_made(const DecapFilter& present, const DecapFilter& made) { return present == made; }
bool serves(const DecapFilter& present, const DecapFilter& wanted) { return present == wanted; }

std::string describe(const DecapProcess& process) {
  return "decapsulating process (" + describe(process.rules) + ")";
}
std::string identity(const DecapProcess& process) { return process.profile; }
bool same_place(const DecapProcess& a, const DecapProcess& b) { return a.profile == b.profile; }
bool is_as_made(const DecapProcess& present, const DecapProcess& made) { return present == made; }
bool serves(const DecapProcess& present, const DecapProcess& wanted) { return present == wanted; }

}  // namespace lvs::profiles
