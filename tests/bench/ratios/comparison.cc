#include "tests/bench/ratios/comparison.h"

#include <utility>

#include "tests/bench/workload/median.h"
#include "tests/bench/workload/workload.h"

namespace lvs::bench {
namespace {

/// Batches of a round: the median of so many is past what the other scene left in the caches.
constexpr std::size_t kBatches = 50;

double round_of(Workload& work) {
  std::vector<double> batches;
  for (std::size_t i = 0; i < kBatches; ++i) batches.push_back(work.run_batch());
  return median(std::move(batches));
}

}  // namespace

Compared compare(const Comparison& comparison, std::size_t rounds) {
  Workload base(comparison.base);
  Workload other(comparison.other);
  std::vector<double> base_ns;
  std::vector<double> other_ns;
  std::vector<double> ratios;
  for (std::size_t i = 0; i < rounds; ++i) {
    // Each goes first in every second round.
    if (i % 2 == 0) base_ns.push_back(round_of(base));
    other_ns.push_back(round_of(other));
    if (i % 2 != 0) base_ns.push_back(round_of(base));
    ratios.push_back(other_ns.back() / base_ns.back());
  }
  base.check();
  other.check();
  return {median(base_ns), median(other_ns), median(ratios), median_deviation(ratios)};
}

}  // namespace lvs::bench
