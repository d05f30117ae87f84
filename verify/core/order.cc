#include "verify/core/order.h"

#include <algorithm>
#include <span>

namespace lvs::verify {
namespace {

constexpr std::size_t kMostRunsShown = 40;

std::string joined(const Names& names, std::size_t first, std::size_t count) {
  std::string text;
  for (const std::string& name : std::span{names}.subspan(first, count))
    text += (text.empty() ? "" : " ") + name;
  return text;
}

/// How long `seen` agrees with the cycle when it begins at `start`.
std::size_t agreement(const Names& cycle, const Names& seen, std::size_t start) {
  std::size_t i = 0;
  while (i < seen.size() && seen[i] == cycle[(start + i) % cycle.size()]) ++i;
  return i;
}

bool repeats_with(const Names& sequence, std::size_t period) {
  for (std::size_t i = period; i < sequence.size(); ++i)
    if (sequence[i] != sequence[i - period]) return false;
  return true;
}

std::string runs_text(const Names& sequence) {
  std::string text;
  std::size_t runs = 0;
  for (std::size_t i = 0; i < sequence.size(); ++runs) {
    std::size_t end = i;
    while (end < sequence.size() && sequence[end] == sequence[i]) ++end;
    if (runs == kMostRunsShown) return text + " …";
    if (!text.empty()) text += ' ';
    text += sequence[i];
    if (end - i > 1) text += " x" + std::to_string(end - i);
    i = end;
  }
  return text;
}

OrderFault fault_at(const Names& cycle, const Names& seen, std::size_t at) {
  if (std::find(cycle.begin(), cycle.end(), seen[at]) == cycle.end()) return OrderFault::Stranger;
  const bool all_same =
      std::all_of(seen.begin(), seen.end(), [&seen](const auto& name) { return name == seen[0]; });
  if (all_same) return OrderFault::Stuck;
  return at > 0 && seen[at] == seen[at - 1] ? OrderFault::Repeated : OrderFault::Skipped;
}

}  // namespace

Names round_robin_cycle(const std::vector<Turn>& in_order_of_adding) {
  Names cycle;
  for (const Turn& turn : in_order_of_adding)
    if (turn.weight > 0) cycle.push_back(turn.name);
  std::reverse(cycle.begin(), cycle.end());
  return cycle;
}

OrderVerdict judge_order(const Names& cycle, const Names& seen) {
  if (seen.empty()) return {};
  if (cycle.empty())
    return {.fault = OrderFault::Stranger, .at = 0, .expected = "nobody", .seen = seen.front()};
  std::size_t best_start = 0;
  std::size_t longest = 0;
  for (std::size_t start = 0; start < cycle.size(); ++start) {
    const std::size_t length = agreement(cycle, seen, start);
    if (length > longest) {
      longest = length;
      best_start = start;
    }
  }
  if (longest == seen.size()) return {};
  return {.fault = fault_at(cycle, seen, longest),
          .at = longest,
          .expected = cycle[(best_start + longest) % cycle.size()],
          .seen = seen[longest]};
}

std::string compact(const Names& sequence, std::size_t longest_period) {
  if (sequence.empty()) return "nothing";
  for (std::size_t period = 1; period <= longest_period && 2 * period <= sequence.size();
       ++period) {
    if (!repeats_with(sequence, period)) continue;
    const std::size_t rest = sequence.size() % period;
    std::string text =
        joined(sequence, 0, period) + ", " + std::to_string(sequence.size() / period) + " times";
    if (rest > 0) text += ", then " + joined(sequence, 0, rest);
    return text;
  }
  return runs_text(sequence);
}

}  // namespace lvs::verify
