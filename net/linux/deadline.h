#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>

namespace lvs::linux_net {

/// What is left until a deadline, as ppoll() wants it; zero when it has passed.
inline timespec time_left(std::chrono::steady_clock::time_point deadline) {
  using std::chrono::nanoseconds;
  const auto left = std::max(nanoseconds{0}, std::chrono::duration_cast<nanoseconds>(
                                                 deadline - std::chrono::steady_clock::now()));
  constexpr long per_second = 1'000'000'000;
  return {left.count() / per_second, left.count() % per_second};
}

}  // namespace lvs::linux_net
