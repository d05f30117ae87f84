#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/wire/addr.h"

// What one host is, as plain values: what the planner compares with what the host should be. Links
// are named, not numbered, because a journal must mean the same after a link came anew.

namespace lvs::profiles {

/// IFA_PROTO and RTA_PROTOCOL of everything that we make (docs/setup.md, "Marks of ownership").
inline constexpr std::uint8_t kOurProtocol = 76;
/// The kernel's numbers (rtnetlink), which the journal keeps as they are.
inline constexpr std::uint8_t kScopeGlobal = 0;
inline constexpr std::uint8_t kScopeLink = 253;
inline constexpr std::uint8_t kScopeHost = 254;
inline constexpr std::uint32_t kMainTable = 254;
inline constexpr std::uint8_t kUnicastRoute = 1;
/// Bytes of an address label, the closing zero not counted (IFNAMSIZ - 1).
inline constexpr std::size_t kMaxLabel = 15;

/// An address on a link. The label of an IPv4 address that was given none is the link's name.
struct AddressFact {
  std::string link;
  IpAddr addr{};
  std::uint8_t prefix_len = 32;
  std::uint8_t scope = kScopeGlobal;
  std::string label;
  std::uint8_t protocol = 0;  ///< IFA_PROTO; 0: none, or a kernel that has none (before 5.18)
  friend bool operator==(const AddressFact&, const AddressFact&) = default;
};

struct RouteFact {
  Prefix destination{};
  std::string link;  ///< empty for a route that leaves by none (blackhole …)
  std::optional<IpAddr> gateway;
  std::uint32_t table = kMainTable;
  std::uint8_t protocol = 0;
  std::uint8_t scope = kScopeGlobal;
  std::uint8_t type = kUnicastRoute;
  std::uint32_t metric = 0;
  std::uint8_t tos = 0;
  friend bool operator==(const RouteFact&, const RouteFact&) = default;
};

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

/// The present state of one network namespace, as far as a plan may need it.
struct Snapshot {
  std::vector<std::string> links;  ///< every link's name
  std::vector<AddressFact> addresses;
  std::vector<RouteFact> routes;
  std::vector<Withholding> withholdings;       ///< netdev tables with our prefix, foreign ones too
  std::map<std::string, std::string> sysctls;  ///< the keys asked for, those that exist

  /// The value, or null when the kernel has no such key (or it was not asked for).
  const std::string* sysctl(const std::string& key) const {
    const auto found = sysctls.find(key);
    return found == sysctls.end() ? nullptr : &found->second;
  }
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

}  // namespace lvs::profiles
