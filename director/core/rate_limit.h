#pragma once

#include <cstdint>

#include "net/base/time.h"

namespace lvs::director {

/// At most so many a second. A second begins with the first event after the last one ended.
class RateLimit {
 public:
  RateLimit(std::uint32_t per_second, Tick now) : per_second_(per_second), began_(now) {}

  /// True, and counted, when one more is allowed.
  bool take(Tick now) {
    if ((now - began_).number >= kTicksPerSecond) {
      began_ = now;
      taken_ = 0;
    }
    if (taken_ >= per_second_) return false;
    ++taken_;
    return true;
  }

 private:
  std::uint32_t per_second_;
  std::uint32_t taken_ = 0;
  Tick began_;
};

}  // namespace lvs::director
