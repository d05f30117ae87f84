#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace lvs::bench {

/// The value that a share of `q` of the samples does not exceed; there is at least one sample.
inline double quantile(std::vector<double> samples, double q) {
  const auto at =
      static_cast<std::size_t>(std::lround(q * static_cast<double>(samples.size() - 1)));
  std::nth_element(samples.begin(), samples.begin() + static_cast<std::ptrdiff_t>(at),
                   samples.end());
  return samples[at];
}
inline double median(std::vector<double> samples) { return quantile(std::move(samples), 0.5); }

/// The median of the distances from the median.
inline double median_deviation(const std::vector<double>& samples) {
  const double middle = median(samples);
  std::vector<double> distances;
  distances.reserve(samples.size());
  for (const double sample : samples) distances.push_back(std::abs(sample - middle));
  return median(std::move(distances));
}

}  // namespace lvs::bench
