#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.h"
#include "profiles/core/profile.h"

namespace lvs::verify {

/// A thing that is broken on purpose, after everything was set up, so that the diagnosis is tested.
/// The ids are those of the findings (docs/verify.md). In the keys {nic} stands for the
/// host's NIC.
struct Fault {
  std::string_view id;
  std::string_view summary;
  std::span<const std::string_view> sysctls;  ///< "key=value", keys with slashes
  bool vip_on_nic = false;                    ///< adds the VIP to the NIC
};

/// All faults that `--inject` knows.
std::span<const Fault> faults();

/// A fault and the host that it is to befall.
struct Injection {
  const Fault* fault = nullptr;  ///< never null
  std::string host;
  std::string nic;
  std::vector<IpAddr> vips;
};

/// "F01" (the first real server of the profile that is no director) or "F01:rs2". The error lists
/// what there is.
Result<Injection> parse_injection(std::string_view text, const profiles::Profile& profile);

/// Breaks it in the calling thread's network namespace, which must be the host's.
Result<void> inject(const Injection& injection);

}  // namespace lvs::verify
