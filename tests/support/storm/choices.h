#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/support/draw.h"

namespace lvs::test {

/// Where a storm's decisions come from: random numbers in a property test, the input of a fuzzer.
class Choices {
 public:
  Choices() = default;
  Choices(const Choices&) = delete;
  Choices& operator=(const Choices&) = delete;
  Choices(Choices&&) = delete;
  Choices& operator=(Choices&&) = delete;
  virtual ~Choices() = default;

  /// 0 to limit - 1.
  virtual std::uint32_t below(std::uint32_t limit) = 0;
  bool one_in(std::uint32_t count) { return below(count) == count - 1; }
  template <typename Range>
  auto& of(Range& range) {
    return range[below(static_cast<std::uint32_t>(std::size(range)))];
  }
};

class DrawnChoices final : public Choices {
 public:
  explicit DrawnChoices(std::uint32_t seed) : draw_(seed) {}
  std::uint32_t below(std::uint32_t limit) override { return draw_.below(limit); }

 private:
  Draw draw_;
};

/// One byte a choice, or two where there are more than 256; zeros when none are left.
class GivenChoices final : public Choices {
 public:
  explicit GivenChoices(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint32_t below(std::uint32_t limit) override {
    const std::uint32_t high = limit > 256 ? take() * 256 : 0;
    return (high + take()) % limit;
  }
  bool are_used_up() const { return used_ >= bytes_.size(); }

 private:
  std::uint32_t take() { return used_ < bytes_.size() ? bytes_[used_++] : 0; }

  std::span<const std::uint8_t> bytes_;
  std::size_t used_ = 0;
};

}  // namespace lvs::test
