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
  Ipv4Addr addr{};
  Port port{};
  friend auto operator<=>(const WithheldService&, const WithheldService&) = default;
};

/// Our nft table of family netdev: a chain at ingress of each link, each with one rule that drops
/// the services and one that drops fragments to their addresses. All lists are sorted.
struct Withholding {
  std::string table;    ///< "lvskit_NAME"
  std::string comment;  ///< "lvskit:NAME:withholding"
  std::vector<WithheldService> services;
  std::vector<Ipv4Addr> fragments_to;
  std::vector<std::string> links;
  std::size_t rules = 0;  ///< in all chains; our own tables have two a link
  friend bool operator==(const Withholding&, const Withholding&) = default;
};

std::string describe(const Withholding& table);
std::string identity(const Withholding& table);
bool same_place(const Withholding& a, const Withholding& b);
bool is_as_made(const Withholding& present, const Withholding& made);
bool serves(const Withholding& present, const Withholding& wanted);

}  // namespace lvs::profiles
