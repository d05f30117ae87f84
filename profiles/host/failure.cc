#include "profiles/host/failure.h"

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "net/base/error_status.h"

namespace lvs::host {
namespace {

bool has_net_admin() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  // glibc has no wrapper.
  if (::syscall(SYS_capget, &header, data.data()) != 0) return false;
  return (data[0].effective & (1U << CAP_NET_ADMIN)) != 0;
}

}  // namespace

HostFailure failure_of(const Error& error) {
  HostFailure failure{exit_status_of(error), error.what};
  if (failure.status == ExitStatus::NoPermission)
    failure.message += " (is CAP_NET_ADMIN missing, or the right to write there?)";
  return failure;
}

HostFailure failure_of(profiles::BadProfile bad) {
  HostFailure failure{ExitStatus::BadProfile, std::move(bad.message)};
  failure.errors = std::move(bad.errors);
  return failure;
}

HostResult<void> need_net_admin(const std::string& why) {
  if (has_net_admin()) return {};
  return refuse(ExitStatus::NoPermission, "the right CAP_NET_ADMIN is missing: " + why +
                                              "; nothing was touched. Run it as root, or inside a "
                                              "user namespace that owns the network namespace");
}

}  // namespace lvs::host
