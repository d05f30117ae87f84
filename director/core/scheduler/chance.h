#pragma once

#include <cstdint>

namespace lvs::director {

/// Numbers that look random, the same for the same seed: SplitMix64 (Steele, Lea, Flood: "Fast
/// splittable pseudorandom number generators", 2014).
class Chance {
 public:
  constexpr explicit Chance(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
    return mixed ^ mixed >> 31;
  }
  /// 0 to `last`, which is far below 2^64: nobody sees that the first ones are likelier.
  constexpr std::uint64_t up_to(std::uint64_t last) { return next() % (last + 1); }

 private:
  std::uint64_t state_;
};

}  // namespace lvs::director
