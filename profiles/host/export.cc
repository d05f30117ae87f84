#include "profiles/host/export.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "profiles/core/export/export.h"
#include "profiles/host/failure.h"
#include "profiles/host/report.h"

namespace lvs::host {
namespace {

struct Format {
  std::string_view name;
  std::string (*write)(const profiles::Desired& desired, const std::string& program) = nullptr;
};
constexpr std::array kFormats{Format{"sh", profiles::export_sh},
                              Format{"networkd", profiles::export_networkd},
                              Format{"sysctl", profiles::export_sysctl}};

/// Who takes an export has a kernel with its tunnel devices, and no program of ours.
profiles::Abilities usual_kernel() {
  const profiles::Ability there{true, "taken for granted in an export"};
  profiles::Abilities can;
  can.ipip = there;
  can.sit = there;
  can.ip6tnl = there;
  return can;
}

}  // namespace

ExitStatus export_host(const HostOptions& options, std::ostream& out, std::ostream& err) {
  const auto* format = std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& known) {
    return known.name == options.format;
  });
  if (format == kFormats.end()) {
    return print(HostFailure{ExitStatus::Usage,
                             "--format is sh, networkd or sysctl, not `" + options.format + "`"},
                 "export", options, out, err);
  }
  const auto loaded = load_host(options);
  if (!loaded) return print(loaded.error(), "export", options, out, err);
  out << format->write(
      profiles::desire((*loaded)->profile, *(*loaded)->self, options.role, usual_kernel()),
      options.program);
  return ExitStatus::Ok;
}

}  // namespace lvs::host
