#include "director/io/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "net/linux/sys_error.h"

namespace lvs::director {
namespace {

constexpr std::uint32_t kKept = 1u << CAP_NET_ADMIN | 1u << CAP_NET_RAW;  // both in the first word

constexpr bool is_kept(int capability) {
  return capability == CAP_NET_ADMIN || capability == CAP_NET_RAW;
}

/// What a program started from here could have at most.
Result<void> drop_bounding_set() {
  // EINVAL: the kernel knows no capability of this number, nor any above.
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (is_kept(capability)) continue;
    // EPERM: without CAP_SETPCAP nothing can be dropped, and nothing beyond ours regained either.
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM)
      return linux_net::fail_errno("drop a capability from the bounding set");
  }
  return {};
}

}  // namespace

Result<void> keep_network_capabilities() {
  LVS_CHECK(drop_bounding_set());
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  if (syscall(SYS_capget, &header, sets.data()) != 0)
    return linux_net::fail_errno("read our capabilities");
  sets[0].permitted &= kKept;
  sets[0].effective = sets[0].permitted;
  sets[0].inheritable = 0;
  sets[1] = {};
  if (syscall(SYS_capset, &header, sets.data()) != 0)
    return linux_net::fail_errno("give up capabilities");
  return {};
}

}  // namespace lvs::director
