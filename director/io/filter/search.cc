#include "director/io/filter/search.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <utility>

namespace lvs::director {
namespace {

/// So few are compared one after the other. They share the jumps to where they lead, which is far.
constexpr std::size_t kFew = 8;

constexpr std::size_t kMostWords = 4;
std::size_t word_count(const IpAddr& address) { return address.is_v4() ? 1 : kMostWords; }

/// An address as the words that a frame has it in.
struct Key {
  std::array<std::uint32_t, kMostWords> words{};
  FilterLabel label{};
};

Key key_of(const AddressTarget& target) {
  Key key{{}, target.label};
  if (target.address.is_v4()) {
    key.words[0] = target.address.v4().number();
    return key;
  }
  for (std::size_t i = 0; i < 16; ++i)
    key.words[i / 4] = key.words[i / 4] << 8 | target.address.v6().octets()[i];
  return key;
}

/// Values that lead to the same place.
struct Range {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  FilterLabel label{};
};

/// Neighbours that lead to the same place become one.
void add_range(std::vector<Range>& ranges, const Range& next) {
  if (!ranges.empty() && ranges.back().last + 1 == next.first &&
      ranges.back().label.number == next.label.number) {
    ranges.back().last = next.last;
  } else {
    ranges.push_back(next);
  }
}

/// Where the accumulator leads to.
class ValueSearch {
 public:
  ValueSearch(FilterAssembler& out, FilterLabel miss) : out_(out), miss_(miss) {}

  /// The ranges are in ascending order; this is as deep as the logarithm of their number.
  // NOLINTNEXTLINE(misc-no-recursion)
  void halve(std::span<const Range> ranges) {
    if (ranges.size() <= kFew) return compare(ranges);
    const std::size_t middle = ranges.size() / 2;
    const FilterLabel low = out_.make_label();
    const FilterLabel high = out_.make_label();
    out_.branch(BPF_JGE, ranges[middle].first, high, low);
    out_.put(low);
    halve(ranges.first(middle));
    out_.put(high);
    halve(ranges.subspan(middle));
  }

 private:
  void compare(std::span<const Range> ranges) {
    std::vector<std::pair<FilterLabel, FilterLabel>> jumps;  // from here, to there
    const FilterLabel missed = out_.make_label();
    for (const Range& range : ranges) {
      const auto known = std::ranges::find(jumps, range.label.number,
                                           [](const auto& each) { return each.second.number; });
      const FilterLabel found = known != jumps.end() ? known->first : out_.make_label();
      if (known == jumps.end()) jumps.emplace_back(found, range.label);
      compare(range, found, missed);
    }
    out_.put(missed);
    out_.jump(miss_);
    for (const auto& [here, there] : jumps) {
      out_.put(here);
      out_.jump(there);
    }
  }

  /// What is below a range is below all that follow.
  void compare(const Range& range, FilterLabel found, FilterLabel missed) {
    if (range.first == range.last) return out_.when(BPF_JEQ, range.first, found);
    const FilterLabel at_least = out_.make_label();
    const FilterLabel above = out_.make_label();
    out_.branch(BPF_JGE, range.first, at_least, missed);
    out_.put(at_least);
    out_.branch(BPF_JGT, range.last, above, found);
    out_.put(above);
  }

  FilterAssembler& out_;
  FilterLabel miss_;
};

/// Word after word of an address.
class AddressSearch {
 public:
  AddressSearch(FilterAssembler& out, const AddressPlace& place, std::size_t words,
                FilterLabel miss)
      : out_(out), place_(place), words_(words), miss_(miss) {}

  void load(std::size_t word) {
    out_.add(BPF_LD | BPF_W | (place_.is_behind_x ? unsigned{BPF_IND} : unsigned{BPF_ABS}),
             place_.offset + static_cast<std::uint32_t>(4 * word));
  }

  /// `keys` have all words before this one in common.
  // NOLINTNEXTLINE(misc-no-recursion): a word a level
  void search(std::span<const Key> keys, std::size_t word) {
    load(word);
    if (word + 1 == words_) return search_last(keys, word);
    std::vector<Range> ranges;
    std::vector<std::span<const Key>> groups;
    for (std::span<const Key> rest = keys; !rest.empty();) {
      const std::uint32_t value = rest.front().words[word];
      const auto end =
          std::ranges::find_if(rest, [&](const Key& key) { return key.words[word] != value; });
      groups.push_back(rest.first(static_cast<std::size_t>(end - rest.begin())));
      ranges.push_back({value, value, out_.make_label()});
      rest = rest.subspan(groups.back().size());
    }
    ValueSearch(out_, miss_).halve(ranges);
    for (std::size_t i = 0; i < groups.size(); ++i) {
      out_.put(ranges[i].label);
      search(groups[i], word + 1);
    }
  }

 private:
  void search_last(std::span<const Key> keys, std::size_t word) {
    std::vector<Range> ranges;
    for (const Key& key : keys) add_range(ranges, {key.words[word], key.words[word], key.label});
    ValueSearch(out_, miss_).halve(ranges);
  }

  FilterAssembler& out_;
  AddressPlace place_;
  std::size_t words_;
  FilterLabel miss_;
};

std::vector<std::uint32_t> values_of_word(const std::vector<IpAddr>& addresses, std::size_t word) {
  std::vector<std::uint32_t> values;
  values.reserve(addresses.size());
  for (const IpAddr& address : addresses) values.push_back(key_of({address, {}}).words[word]);
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// The values and what lies between those that are nearest to each other.
std::vector<Range> most_ranges(const std::vector<std::uint32_t>& values, std::size_t most,
                               FilterLabel label) {
  std::vector<std::uint32_t> gaps;
  for (std::size_t i = 1; i < values.size(); ++i) gaps.push_back(values[i] - values[i - 1]);
  std::ranges::sort(gaps, std::greater{});
  // A gap that is kept parts two ranges.
  const std::uint32_t widest_filled = gaps.size() < most ? 1 : gaps[most - 1];
  std::vector<Range> ranges;
  for (const std::uint32_t value : values) {
    if (!ranges.empty() && value - ranges.back().last <= widest_filled) {
      ranges.back().last = value;
    } else {
      ranges.push_back({value, value, label});
    }
  }
  return ranges;
}

}  // namespace

void search_address(FilterAssembler& out, const AddressPlace& place,
                    std::vector<AddressTarget> targets, FilterLabel miss) {
  if (targets.empty()) return out.jump(miss);
  std::ranges::sort(targets, {}, &AddressTarget::address);
  std::vector<Key> keys;
  keys.reserve(targets.size());
  for (const AddressTarget& target : targets) keys.push_back(key_of(target));
  AddressSearch(out, place, word_count(targets.front().address), miss).search(keys, 0);
}

void search_roughly(FilterAssembler& out, const AddressPlace& place,
                    const std::vector<IpAddr>& addresses, std::size_t most,
                    const SearchEnds& ends) {
  if (addresses.empty()) return out.jump(ends.miss);
  // The word that tells the most of them apart.
  std::size_t word = 0;
  std::vector<std::uint32_t> values = values_of_word(addresses, 0);
  const std::size_t words = word_count(addresses.front());
  for (std::size_t other = 1; other < words; ++other) {
    std::vector<std::uint32_t> more = values_of_word(addresses, other);
    if (more.size() <= values.size()) continue;
    word = other;
    values = std::move(more);
  }
  AddressSearch(out, place, words, ends.miss).load(word);
  ValueSearch(out, ends.miss).halve(most_ranges(values, most, ends.found));
}

void search_ports(FilterAssembler& out, std::uint32_t offset, std::span<const PortSpan> spans,
                  FilterLabel found, FilterLabel miss) {
  out.add(BPF_LD | BPF_H | BPF_IND, offset);
  const bool is_any = !spans.empty() && spans.front().first == 0 && spans.front().last == 0xffff;
  if (is_any) return out.jump(found);
  std::vector<Range> ranges;
  ranges.reserve(spans.size());
  for (const PortSpan& span : spans) ranges.push_back({span.first, span.last, found});
  ValueSearch(out, miss).halve(ranges);
}

}  // namespace lvs::director
