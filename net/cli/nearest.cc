#include "net/cli/nearest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lvs::cli {
namespace {

/// Longer words are not compared: the cost is the product of the lengths.
constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kMostEdits = 3;

/// Optimal string alignment distance, row by row.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> known) {
  std::optional<std::string> best;
  std::size_t fewest = kMostEdits + 1;
  if (wrong.size() > kLongestWord) return best;
  for (const std::string& word : known) {
    if (word.size() > kLongestWord) continue;
    const std::size_t distance = edits(wrong, word);
    const std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
    if (distance >= fewest || distance > allowed) continue;
    fewest = distance;
    best = word;
  }
  return best;
}

}  // namespace lvs::cli
