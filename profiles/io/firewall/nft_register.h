#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/linux/nft_rule.h"
#include "profiles/core/objects/filter.h"

// The registers of nf_tables: a rule loads fields of the packet into them and compares them.

namespace lvs::profiles {

/// What a register holds, and how it must be read.
enum class RegisterForm : std::uint8_t {
  Plain,       ///< the field's bytes, or its first ones
  NfProto,     ///< a family as NFPROTO_*
  EtherType,   ///< a family as an EtherType
  LinkName,    ///< sixteen bytes, or fewer: the beginning of a name
  LinkNumber,  ///< in the host's order
  State,       ///< bits in the host's order
};

/// A field of the packet, as an expression has loaded it into a register.
struct Loaded {
  FilterField field = FilterField::Unknown;
  RegisterForm form = RegisterForm::Plain;
  std::size_t whole = 0;             ///< bytes of the whole field
  std::vector<std::uint8_t> mask{};  ///< empty: none
  FilterField second{};              ///< what follows in the same load …
  std::size_t second_size = 0;       ///< … and its bytes; 0: nothing
};

/// What loading this key of the packet's metadata gives.
Loaded loaded_meta(std::uint32_t key);

/// What loading these bytes of a header gives, where the rule's family is known.
Loaded loaded_header(const linux_net::NftExpression& load, std::uint8_t family);

/// Four bytes in the host's order.
std::uint32_t host_number(const std::vector<std::uint8_t>& bytes);

/// All values that begin with `first`; with a mask, all that agree in its bits, where it is a
/// prefix.
std::optional<FilterRange> range_from(const Loaded& loaded, std::vector<std::uint8_t> first);

/// The family that a register of a family is compared with.
std::optional<FilterRange> family_range(const Loaded& loaded,
                                        const std::vector<std::uint8_t>& value);

/// A name of sixteen bytes is whole; a shorter one is a beginning.
std::string link_pattern(const std::vector<std::uint8_t>& value);

}  // namespace lvs::profiles
