#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "net/wire/addr.h"

namespace lvs::profiles {

/// One service whose packets are kept from the kernel.
struct WithheldService {
  Protocol protocol = Protocol::Tcp;
  IpAddr addr{};
  Port port{};
  friend auto operator<=>(const WithheldService&, const WithheldService&) = default;
};

/// Packets at one link that a set of protocol, address and port cannot say; all that is set must
/// hold. A range without an address is never of what is meant for an address of this host itself,
/// nor of what was sent to all (only frames to this link's own MAC are).
struct WithheldRange {
  std::string link;
  Family family = Family::Ipv4;
  std::optional<Protocol> protocol;  ///< none: every fragment, of whatever protocol
  std::optional<IpAddr> addr;        ///< of the destination
  std::optional<Prefix> source;
  bool is_reply = false;  ///< `source` is a nat server, and the ports are those that it sends from
  Port first{};
  Port last{65535};
  friend auto operator<=>(const WithheldRange&, const WithheldRange&) = default;
};

/// Our nft table of family netdev: a chain at ingress of each link. For each family that has
/// services a chain drops them, and fragments to their addresses; for each family that has nat
/// servers it drops what they send from their service's port, all fragments of theirs, and ICMP
/// errors that quote a packet to one of them; but never what is meant for an address of this host
/// itself. Each range is a rule of its own. All lists are sorted.
struct Withholding {
  std::string table;    ///< "lvskit_NAME"
  std::string comment;  ///< "lvskit:NAME:withholding"
  std::vector<WithheldService> services;
  std::vector<IpAddr> fragments_to;
  std::vector<WithheldService> replies;  ///< of nat servers: their protocol, RIP and real port
  std::vector<WithheldRange> ranges;
  std::vector<IpAddr> own;  ///< this host's addresses; empty where no rule asks for them
  std::vector<std::string> links;
  std::size_t rules = 0;  ///< in all chains; our own tables have rule_count()
  friend bool operator==(const Withholding&, const Withholding&) = default;
};

/// The nat servers' addresses, sorted, once.
std::vector<IpAddr> servers_of(const Withholding& table);
/// True when a rule of this table asks for the host's own addresses.
bool asks_for_own(const Withholding& table);

/// How many rules a table of ours with these services, replies and links has.
std::size_t rule_count(const Withholding& table);

/// "tcp to 192.168.1.99 ports 1024-65535", "fragments from 10.1.0.0/16"
std::string describe(const WithheldRange& range);

std::string describe(const Withholding& table);
std::string identity(const Withholding& table);
bool same_place(const Withholding& a, const Withholding& b);
bool is_as_made(const Withholding& present, const Withholding& made);
bool serves(const Withholding& present, const Withholding& wanted);

}  // namespace lvs::profiles
