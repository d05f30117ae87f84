#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

// Why ipvsadm would not do something. Not lvs::Result: scripts compare its messages and exit codes
// (facts of IPVS, 3.4), and they never mix with ours.

namespace lvs::director::ipvsadm {

inline constexpr int kUsageStatus = 2;
inline constexpr int kRefusedStatus = 255;

struct Refusal {
  std::string message;  ///< as ipvsadm says it, without the newline that ends it
  int status = kUsageStatus;
};

/// A value, or why there is none.
template <typename T>
class [[nodiscard]] Outcome : public tl::expected<T, Refusal> {
 public:
  using tl::expected<T, Refusal>::expected;
};

/// A Refusal on its way out of a function that returns an Outcome. LVS_TRY and LVS_CHECK pass it
/// on.
inline tl::unexpected<Refusal> refuse(std::string message, int status = kUsageStatus) {
  return tl::unexpected<Refusal>(Refusal{std::move(message), status});
}

}  // namespace lvs::director::ipvsadm
