#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "net/wire/addr.h"

namespace lvs::profiles {

/// IFA_PROTO, RTA_PROTOCOL and NDA_PROTOCOL of everything that we make (docs/setup.md, "Marks of
/// ownership").
inline constexpr std::uint8_t kOurProtocol = 76;
/// The kernel's numbers (rtnetlink), which the journal keeps as they are.
inline constexpr std::uint8_t kScopeGlobal = 0;
inline constexpr std::uint8_t kScopeLink = 253;
inline constexpr std::uint8_t kScopeHost = 254;
/// Bytes of an address label, the closing zero not counted (IFNAMSIZ - 1).
inline constexpr std::size_t kMaxLabel = 15;

/// An address on a link. The label of an IPv4 address that was given none is the link's name; IPv6
/// has no labels, and the kernel derives the scope of an IPv6 address from the address.
struct AddressFact {
  std::string link;
  IpAddr addr{};
  std::uint8_t prefix_len = 32;
  std::uint8_t scope = kScopeGlobal;
  std::string label;
  std::uint8_t protocol = 0;  ///< IFA_PROTO; 0: none, or a kernel that has none (before 5.18)
  /// IFA_F_NODAD: used at once, without asking whether somebody else has it. Only for the director,
  /// which must own the VIP whoever had it before.
  bool no_dad = false;
  /// IFA_F_DEPRECATED: never chosen as the source of the host's own traffic. So are our IPv6 VIPs,
  /// which the longest matching prefix would else choose; whoever bound to them answers from them.
  bool deprecated = false;
  friend bool operator==(const AddressFact&, const AddressFact&) = default;
};

std::string describe(const AddressFact& address);
std::string identity(const AddressFact& address);
bool same_place(const AddressFact& a, const AddressFact& b);
bool is_as_made(const AddressFact& present, const AddressFact& made);
bool serves(const AddressFact& present, const AddressFact& wanted);

/// "host", "link", "global", else the number.
std::string scope_name(std::uint8_t scope);

}  // namespace lvs::profiles
