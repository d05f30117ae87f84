#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "profiles/core/objects/packet_match.h"

// Somebody else's packet filter as values, as far as we understand it: enough to say whether
// packets of ours could be dropped by it, and by which rule. What is not understood is "maybe".

namespace lvs::profiles {

/// What a condition looks at. Values are bytes in network order: a family is one byte (4 or 6), a
/// protocol one, a port two, an address four or sixteen.
enum class FilterField : std::uint8_t {
  Family,
  Protocol,
  Source,
  Destination,
  DestinationPort,
  InLink,
  OutLink,
  State,    ///< of the connection
  Unknown,  ///< something that we do not judge
};

struct FilterRange {
  std::vector<std::uint8_t> first;
  std::vector<std::uint8_t> last;
  friend bool operator==(const FilterRange&, const FilterRange&) = default;
};

/// conntrack's states, as bits.
inline constexpr std::uint32_t kStateInvalid = 1;
inline constexpr std::uint32_t kStateEstablished = 2;
inline constexpr std::uint32_t kStateRelated = 4;
inline constexpr std::uint32_t kStateNew = 8;

struct FilterCondition {
  FilterField field = FilterField::Unknown;
  bool negated = false;
  std::vector<FilterRange> any_of{};
  std::vector<std::string> links{};  ///< names; a `*` at the end stands for any rest
  std::uint32_t states = 0;
  friend bool operator==(const FilterCondition&, const FilterCondition&) = default;
};

enum class FilterVerdict : std::uint8_t { Continue, Accept, Drop, Jump, Goto, Return };

struct FilterRule {
  std::vector<FilterCondition> conditions;  ///< all of them must hold
  FilterVerdict verdict = FilterVerdict::Continue;
  std::string target;   ///< of a jump or goto
  std::string comment;  ///< ours begin with "lvskit:"
  std::string name;     ///< how a person finds it: "handle 7"
  friend bool operator==(const FilterRule&, const FilterRule&) = default;
};

/// A base chain and the chains that it can reach.
struct FilterProgram {
  std::vector<FilterRule> rules;
  std::map<std::string, std::vector<FilterRule>> below;
  friend bool operator==(const FilterProgram&, const FilterProgram&) = default;
};

/// What a program makes of packets.
struct FilterFate {
  bool accepted = false;  ///< all of them, for certain, by a rule
  std::string dropped;    ///< the rule that drops some of them, or could; empty: none
};

/// Of all packets of `match` that come from a wire. `with_ours`: rules of ours count as well.
/// `chain` is the base chain's name, for the text.
FilterFate judge(const FilterProgram& program, const std::string& chain, const PacketMatch& match,
                 bool with_ours);

/// The packets that the rule is for, when a PacketMatch of this family can say it exactly.
std::optional<PacketMatch> match_of(const FilterRule& rule, Family family);

/// "lvskit:…": a comment of ours.
bool is_our_mark(const std::string& comment);

/// The bytes of values, and the range of one value.
FilterRange one_value(const std::vector<std::uint8_t>& value);
FilterRange range_of(const Prefix& prefix);
FilterRange range_of(Port port);

}  // namespace lvs::profiles
