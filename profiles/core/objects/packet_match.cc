#include "profiles/core/objects/packet_match.h"

#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::string describe(const PacketMatch& match) {
  std::string text = match.family == Family::Ipv4 ? "IPv4" : "IPv6";
  if (match.protocol) text += " protocol " + std::to_string(*match.protocol);
  if (match.port) text += " port " + std::to_string(match.port->number);
  if (match.source) text += " from " + lvs::to_string(*match.source);
  if (match.destination) text += " to " + lvs::to_string(*match.destination);
  if (!match.in_link.empty()) text += " in by " + match.in_link;
  if (!match.out_link.empty()) text += " out by " + match.out_link;
  return text + (match.established ? " (established)" : "");
}

PacketMatch canonical(PacketMatch match) {
  if (match.source) match.source = match.source->network();
  if (match.destination) match.destination = match.destination->network();
  return match;
}

std::string to_string(Hook hook) { return hook == Hook::Input ? "input" : "forward"; }

}  // namespace lvs::profiles
