#pragma once

#include <algorithm>
#include <chrono>

namespace lvs::director {

/// How long to look for more frames before sleeping. Looking spares the wake-up, some 20
/// microseconds, when frames come close together, and burns the processor when they do not: so the
/// time halves after each look that found nothing and doubles after one that did.
class SpinBudget {
 public:
  using Length = std::chrono::nanoseconds;

  /// `longest` zero: never look, sleep at once.
  explicit SpinBudget(Length longest) : longest_(longest), length_(longest) {}

  Length length() const { return length_; }
  void found() { length_ = std::min(longest_, length_ * 2); }
  void missed() { length_ = std::max(longest_ / kSmallestShare, length_ / 2); }

 private:
  static constexpr int kSmallestShare = 16;

  Length longest_;
  Length length_;
};

}  // namespace lvs::director
