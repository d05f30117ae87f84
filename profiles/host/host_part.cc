#include "profiles/host/host_part.h"

#include "profiles/host/apply.h"
#include "profiles/host/failure.h"
#include "profiles/io/linux_kernel.h"

namespace lvs::host {

HostResult<AppliedPart> apply_host(const LoadedHost& loaded, const HostOptions& options,
                                   std::ostream& progress) {
  auto kernel = profiles::LinuxKernel::open();
  if (!kernel) return refuse(failure_of(kernel.error()));
  auto report = apply_on(loaded, options, Purpose::Run, {*kernel}, progress);
  if (!report) return refuse(std::move(report).error());
  for (const std::string& note : report->notes) progress << "  note: " << note << '\n';
  return std::move(report->part);
}

HostResult<void> take_back(const LoadedHost& loaded, const HostOptions& options,
                           const AppliedPart& part) {
  auto kernel = profiles::LinuxKernel::open();
  if (!kernel) return refuse(failure_of(kernel.error()));
  auto report = revert_on(loaded.state, loaded.profile.name, options, &part, *kernel);
  if (!report) return refuse(std::move(report).error());
  return {};
}

}  // namespace lvs::host
