#pragma once

#include <cstdint>

#include "director/core/records.h"

namespace lvs::director {

/// A load and the weight that carries it. The lighter of two has less load by weight, which is
/// compared without a division; equal ones are for the caller to tell apart. With tables of up to
/// 2^23 connections and any weight the products fit into 64 bits.
struct Share {
  std::uint64_t load = 1;
  std::uint32_t weight = 0;  ///< 0: carries nothing, and is lighter than no one

  constexpr bool may_carry() const { return weight != 0; }
  friend constexpr bool operator==(const Share&, const Share&) = default;
};

constexpr bool is_lighter(const Share& a, const Share& b) {
  return a.load * b.weight < b.load * a.weight;
}

/// The overhead figure of lc, wlc, lblc, lblcr and twos (facts of IPVS, 1.1): an active connection
/// costs as much as 256 inactive ones. Kernels after 6.1 count 257; the recordings are of 6.1.
constexpr std::uint64_t overhead_of(const ServerRecord& server) {
  return std::uint64_t{server.active} * 256 + server.inactive;
}

}  // namespace lvs::director
