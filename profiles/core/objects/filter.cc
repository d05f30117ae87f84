#include "profiles/core/objects/filter.h"

#include <algorithm>
#include <array>
#include <utility>

namespace lvs::profiles {
namespace {

/// nf_tables itself allows 16 jumps below each other (NFT_JUMP_STACK_SIZE).
constexpr int kMaxDepth = 16;
/// Rules looked at for one question; a jungle beyond it is "maybe".
constexpr int kMaxRules = 200000;

enum class Holds : std::uint8_t { No, Maybe, Yes };

Holds inverted(Holds holds) {
  if (holds == Holds::Maybe) return holds;
  return holds == Holds::Yes ? Holds::No : Holds::Yes;
}

/// Whether a value somewhere in `packet` lies in one of `ranges`.
Holds in_ranges(const std::vector<FilterRange>& ranges, const FilterRange& packet) {
  bool touches = false;
  for (const FilterRange& range : ranges) {
    if (range.first.size() != packet.first.size()) continue;
    if (range.first <= packet.first && packet.last <= range.last) return Holds::Yes;
    touches = touches || (range.first <= packet.last && packet.first <= range.last);
  }
  return touches ? Holds::Maybe : Holds::No;
}

bool fits(const std::string& pattern, const std::string& link) {
  if (!pattern.ends_with('*')) return pattern == link;
  return link.starts_with(pattern.substr(0, pattern.size() - 1));
}

Holds in_links(const std::vector<std::string>& patterns, const std::string& link) {
  if (link.empty()) {
    // Packets of ours come from a wire or go to one.
    const bool only_lo =
        std::ranges::all_of(patterns, [](const std::string& p) { return p == "lo"; });
    return only_lo ? Holds::No : Holds::Maybe;
  }
  return std::ranges::any_of(patterns, [&](const std::string& p) { return fits(p, link); })
             ? Holds::Yes
             : Holds::No;
}

Holds in_states(std::uint32_t states, bool established) {
  const std::uint32_t ours = established ? kStateEstablished | kStateRelated : kStateNew;
  if ((states & ours) == ours) return Holds::Yes;
  return (states & ours) == 0 ? Holds::No : Holds::Maybe;
}

/// A packet from a wire never has a loopback address.
bool is_loopback(const std::vector<FilterRange>& ranges) {
  return std::ranges::all_of(ranges, [](const FilterRange& range) {
    if (range.first.size() == 4) return range.first[0] == 127 && range.last[0] == 127;
    std::vector<std::uint8_t> one(16);
    one[15] = 1;
    return range.first == one && range.last == one;
  });
}

Holds holds_address(const FilterCondition& condition, const std::optional<Prefix>& prefix) {
  if (prefix) return in_ranges(condition.any_of, range_of(*prefix));
  return is_loopback(condition.any_of) ? Holds::No : Holds::Maybe;
}

Holds holds_plain(const FilterCondition& condition, const PacketMatch& match) {
  switch (condition.field) {
    case FilterField::Family:
      return in_ranges(condition.any_of, one_value({static_cast<std::uint8_t>(match.family)}));
    case FilterField::Protocol:
      return match.protocol ? in_ranges(condition.any_of, one_value({*match.protocol}))
                            : Holds::Maybe;
    case FilterField::Source:
      return holds_address(condition, match.source);
    case FilterField::Destination:
      return holds_address(condition, match.destination);
    case FilterField::DestinationPort:
      return match.port ? in_ranges(condition.any_of, range_of(*match.port)) : Holds::Maybe;
    case FilterField::InLink:
      return in_links(condition.links, match.in_link);
    case FilterField::OutLink:
      return in_links(condition.links, match.out_link);
    case FilterField::State:
      return in_states(condition.states, match.established);
    case FilterField::Unknown:
      return Holds::Maybe;
  }
  return Holds::Maybe;
}

Holds holds(const FilterRule& rule, const PacketMatch& match) {
  Holds all = Holds::Yes;
  for (const FilterCondition& condition : rule.conditions) {
    const Holds plain = holds_plain(condition, match);
    all = std::min(all, condition.negated ? inverted(plain) : plain);
  }
  return all;
}

/// How a walk through one chain ended for the packets that were certain to walk it.
enum class Walked : std::uint8_t { Through, Accepted, Dropped };

class Walk {
 public:
  Walk(const FilterProgram& program, const PacketMatch& match, bool with_ours)
      : program_(program), match_(match), with_ours_(with_ours) {}

  // NOLINTNEXTLINE(misc-no-recursion): bounded by kMaxDepth and kMaxRules
  Walked chain(const std::string& name, const std::vector<FilterRule>& rules, int depth) {
    for (const FilterRule& rule : rules) {
      if (++looked_at_ > kMaxRules) return Walked::Through;
      if (!with_ours_ && is_our_mark(rule.comment)) continue;
      const Holds held = holds(rule, match_);
      if (held == Holds::No) continue;
      if (rule.verdict == FilterVerdict::Drop) note(name, rule, held);
      const std::optional<Walked> end = step(rule, depth);
      if (end && held == Holds::Yes) return *end;
    }
    return Walked::Through;
  }

  const std::string& dropped() const { return dropped_; }

 private:
  /// How the rule ends the walk through its chain; nullopt: it does not.
  // NOLINTNEXTLINE(misc-no-recursion): see chain()
  std::optional<Walked> step(const FilterRule& rule, int depth) {
    switch (rule.verdict) {
      case FilterVerdict::Accept:
        return Walked::Accepted;
      case FilterVerdict::Drop:
        return Walked::Dropped;
      case FilterVerdict::Return:
        return Walked::Through;
      case FilterVerdict::Continue:
        return std::nullopt;
      case FilterVerdict::Jump:
      case FilterVerdict::Goto:
        break;
    }
    const auto below = program_.below.find(rule.target);
    if (below == program_.below.end() || depth >= kMaxDepth) return std::nullopt;
    const Walked walked = chain(below->first, below->second, depth + 1);
    if (walked != Walked::Through || rule.verdict == FilterVerdict::Goto) return walked;
    return std::nullopt;
  }

  void note(const std::string& chain, const FilterRule& rule, Holds held) {
    if (!dropped_.empty()) return;
    dropped_ = (rule.name.empty() ? "a rule" : "the rule " + rule.name) + " of chain " + chain +
               (held == Holds::Yes ? " drops it" : " may drop it");
  }

  const FilterProgram& program_;
  const PacketMatch& match_;
  bool with_ours_;
  int looked_at_ = 0;
  std::string dropped_;
};

/// The prefix that a range is, when it is one.
std::optional<Prefix> prefix_of(const FilterRange& range, Family family) {
  const std::size_t size = family == Family::Ipv4 ? 4 : 16;
  if (range.first.size() != size || range.last.size() != size) return std::nullopt;
  IpAddr addr;
  if (family == Family::Ipv4) {
    addr = Ipv4Addr(range.first[0], range.first[1], range.first[2], range.first[3]);
  } else {
    std::array<std::uint8_t, 16> octets{};
    std::ranges::copy(range.first, octets.begin());
    addr = Ipv6Addr(octets);
  }
  for (std::uint8_t length = 0; length <= addr.bits(); ++length)
    if (const Prefix prefix{addr, length}; range_of(prefix) == range) return prefix;
  return std::nullopt;
}

bool put_link(std::string& link, const FilterCondition& condition) {
  if (!link.empty() || condition.links.size() != 1 || condition.links[0].ends_with('*'))
    return false;
  link = condition.links[0];
  return true;
}

bool put_prefix(std::optional<Prefix>& prefix, const FilterRange& range, Family family) {
  if (prefix) return false;
  prefix = prefix_of(range, family);
  return prefix.has_value();
}

bool put_protocol(PacketMatch& match, const FilterRange& range) {
  if (match.protocol && *match.protocol != range.first[0]) return false;
  match.protocol = range.first[0];
  return range.first == range.last;
}

bool put_port(PacketMatch& match, const FilterRange& range) {
  if (match.port || range.first.size() != 2 || range.first != range.last) return false;
  match.port = Port{static_cast<std::uint16_t>(range.first[0] << 8 | range.first[1])};
  return true;
}

bool put_range(PacketMatch& match, FilterField field, const FilterRange& range) {
  if (field == FilterField::Source) return put_prefix(match.source, range, match.family);
  if (field == FilterField::Destination) return put_prefix(match.destination, range, match.family);
  if (field == FilterField::Protocol) return put_protocol(match, range);
  if (field == FilterField::DestinationPort) return put_port(match, range);
  return field == FilterField::Family &&
         range == one_value({static_cast<std::uint8_t>(match.family)});
}

/// Puts one condition into the match; false: a match cannot say it.
bool put(PacketMatch& match, const FilterCondition& condition) {
  if (condition.negated) return false;
  if (condition.field == FilterField::InLink) return put_link(match.in_link, condition);
  if (condition.field == FilterField::OutLink) return put_link(match.out_link, condition);
  if (condition.field == FilterField::State) {
    match.established = condition.states == (kStateEstablished | kStateRelated);
    return match.established;
  }
  return condition.any_of.size() == 1 && !condition.any_of[0].first.empty() &&
         put_range(match, condition.field, condition.any_of[0]);
}

}  // namespace

bool is_our_mark(const std::string& comment) { return comment.starts_with("lvskit:"); }

FilterRange one_value(const std::vector<std::uint8_t>& value) { return {value, value}; }

FilterRange range_of(Port port) {
  return one_value(
      {static_cast<std::uint8_t>(port.number >> 8), static_cast<std::uint8_t>(port.number)});
}

FilterRange range_of(const Prefix& prefix) {
  const IpAddr network = prefix.network().addr;
  std::vector<std::uint8_t> first;
  if (network.is_v4()) {
    const std::uint32_t n = network.v4().number();
    for (int shift = 24; shift >= 0; shift -= 8)
      first.push_back(static_cast<std::uint8_t>(n >> shift));
  } else {
    first.assign(network.v6().octets().begin(), network.v6().octets().end());
  }
  std::vector<std::uint8_t> last = first;
  for (std::size_t bit = prefix.length; bit < last.size() * 8; ++bit)
    last[bit / 8] = static_cast<std::uint8_t>(last[bit / 8] | 0x80U >> bit % 8);
  return {std::move(first), std::move(last)};
}

FilterFate judge(const FilterProgram& program, const std::string& chain, const PacketMatch& match,
                 bool with_ours) {
  Walk walk(program, match, with_ours);
  const Walked walked = walk.chain(chain, program.rules, 0);
  return {walked == Walked::Accepted && walk.dropped().empty(), walk.dropped()};
}

std::optional<PacketMatch> match_of(const FilterRule& rule, Family family) {
  PacketMatch match;
  match.family = family;
  for (const FilterCondition& condition : rule.conditions)
    if (!put(match, condition)) return std::nullopt;
  return match;
}

}  // namespace lvs::profiles
