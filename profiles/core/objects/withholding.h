#pragma once

#include <compare>
#include <cstddef>
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

/// Our nft table of family netdev: a chain at ingress of each link. For each family that has
/// services a chain drops them, and fragments to their addresses; for each family that has nat
/// servers it drops what they send from their service's port, all fragments of theirs, and ICMP
/// errors that quote a packet to one of them; but never what is meant for an address of this host
/// itself. All lists are sorted.
struct Withholding {
  std::string table;    ///< "lvskit_NAME"
  std::string comment;  ///< "lvskit:NAME:withholding"
  std::vector<WithheldService> services;
  std::vector<IpAddr> fragments_to;
  std::vector<WithheldService> replies;  ///< of nat servers: their protocol, RIP and real port
  std::vector<IpAddr> own;               ///< this host's addresses; empty without `replies`
  std::vector<std::string> links;
  std::size_t rules = 0;  ///< in all chains; our own tables have rule_count()
  friend bool operator==(const Withholding&, const Withholding&) = default;
};

/// The nat servers' addresses, sorted, once.
std::vector<IpAddr> servers_of(const Withholding& table);

/// How many rules a table of ours with these services, replies and links has.
std::size_t rule_count(const Withholding& table);

std::string describe(const Withholding& table);
std::string identity(const Withholding& table);
bool same_place(const Withholding& a, const Withholding& b);
bool is_as_made(const Withholding& present, const Withholding& made);
bool serves(const Withholding& present, const Withholding& wanted);

}  // namespace lvs::profiles
