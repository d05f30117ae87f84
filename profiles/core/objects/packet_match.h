#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/wire/addr.h"

namespace lvs::profiles {

/// The netfilter hooks at which we let packets pass.
enum class Hook : std::uint8_t { Input, Forward };

/// Which packets a rule is for: what nf_tables and iptables can both say. Absent and empty mean
/// any.
struct PacketMatch {
  Family family = Family::Ipv4;          ///< of the outer header
  std::optional<std::uint8_t> protocol;  ///< 4 IPIP, 41 IPv6 in IP, 47 GRE, 17 UDP
  std::optional<Port> port;              ///< UDP destination port (GUE)
  std::optional<Prefix> source;
  std::optional<Prefix> destination;
  std::string in_link;
  std::string out_link;
  bool established = false;  ///< only packets of connections that conntrack knows
  friend bool operator==(const PacketMatch&, const PacketMatch&) = default;
};

/// The same packets with every prefix as its network, as a kernel gives it back.
PacketMatch canonical(PacketMatch match);

/// "protocol 4 from 192.168.1.90/32": words of a sentence, without its verb.
std::string describe(const PacketMatch& match);
std::string to_string(Hook hook);  ///< "input", "forward"

}  // namespace lvs::profiles
