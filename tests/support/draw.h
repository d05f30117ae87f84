#pragma once

#include <cstdint>
#include <random>

namespace lvs::test {

/// Numbers that are the same in every run and with every standard library, unlike a distribution's.
class Draw {
 public:
  // NOLINTNEXTLINE(cert-msc32-c,cert-msc51-cpp): the same each time
  explicit Draw(std::uint32_t seed) : random_(seed) {}

  /// 0 to limit - 1.
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  bool one_in(std::uint32_t count) { return below(count) == 0; }

 private:
  std::mt19937 random_;
};

}  // namespace lvs::test
