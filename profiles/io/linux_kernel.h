#pragma once

#include "net/linux/rtnetlink.h"
#include "profiles/core/kernel.h"

namespace lvs::profiles {

/// The network namespace of the thread that opened it (and that makes every call: sysctls are
/// resolved by the namespace of the calling thread).
class LinuxKernel : public Kernel {
 public:
  static Result<LinuxKernel> open();

  Result<Abilities> abilities() override;
  Result<Snapshot> snapshot(const Look& look) override;
  Result<StepNote> carry_out(const Step& step) override;

 private:
  explicit LinuxKernel(linux_net::RouteSocket route) : route_(std::move(route)) {}

  Result<void> read_back(const ReadBackEffective& step);
  Result<StepNote> announce(const Announce& step);

  linux_net::RouteSocket route_;
};

}  // namespace lvs::profiles
