#include "profiles/core/objects/address.h"

#include "net/wire/addr_text.h"

namespace lvs::profiles {

std::string scope_name(std::uint8_t scope) {
  if (scope == kScopeGlobal) return "global";
  if (scope == kScopeLink) return "link";
  if (scope == kScopeHost) return "host";
  return std::to_string(scope);
}

std::string describe(const AddressFact& address) {
  std::string text = to_string(Prefix{address.addr, address.prefix_len}) + " on " + address.link;
  text += " (";
  if (!address.label.empty() && address.label != address.link)
    text += "label " + address.label + ", ";
  text += "scope " + scope_name(address.scope);
  return text + (address.deprecated ? ", never a source unasked)" : ")");
}

std::string identity(const AddressFact& address) {
  return to_string(Prefix{address.addr, address.prefix_len}) + " " + address.link;
}

bool same_place(const AddressFact& a, const AddressFact& b) {
  return a.link == b.link && a.addr == b.addr && a.prefix_len == b.prefix_len;
}

bool is_as_made(const AddressFact& present, const AddressFact& made) {
  // A kernel before 5.18 keeps no IFA_PROTO: then the label alone tells ours from another's.
  const bool is_ours = present.protocol == kOurProtocol || present.protocol == 0;
  return present.label == made.label && present.scope == made.scope && is_ours;
}

bool serves(const AddressFact& present, const AddressFact& wanted) {
  return same_place(present, wanted) && present.scope == wanted.scope;
}

}  // namespace lvs::profiles
