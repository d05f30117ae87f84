#include "verify/lab/isolation.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "net/base/result.h"

namespace lvs::verify {
namespace {

constexpr int kOwn = CLONE_NEWNS | CLONE_NEWNET;

std::string said(int number) { return std::generic_category().message(number); }

Result<void> write_file(const std::string& path, const std::string& text) {
  const linux_net::UniqueFd file{open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    const int number = errno;
    return fail("write " + path + ": " + said(number), number);
  }
  return {};
}

/// user_namespaces(7): gid_map may be written by an ordinary user only after setgroups is denied.
Result<void> enter_user_namespace() {
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  if (unshare(CLONE_NEWUSER) != 0)
    return fail(
        "make a user namespace: " + said(errno) +
            "; an ordinary user needs kernel.unprivileged_userns_clone=1 (where it exists), "
            "user.max_user_namespaces above 0, and no AppArmor restriction of user "
            "namespaces; root needs CAP_SYS_ADMIN",
        EPERM);
  LVS_CHECK(write_file("/proc/self/setgroups", "deny"));
  LVS_CHECK(write_file("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1\n"));
  return write_file("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1\n");
}

}  // namespace

Result<bool> isolate() {
  bool own_users = false;
  if (geteuid() != 0 || unshare(kOwn) != 0) {
    LVS_CHECK(enter_user_namespace());
    own_users = true;
    if (unshare(kOwn) != 0)
      return fail("make mount and network namespaces: " + said(errno) +
                      "; user.max_net_namespaces and user.max_mnt_namespaces must allow it",
                  EPERM);
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return fail("make the mount namespace private: " + said(errno), errno);
  return own_users;
}

Result<linux_net::UniqueFd> new_net_namespace() {
  if (unshare(CLONE_NEWNET) != 0) {
    const int number = errno;
    return fail("make a network namespace: " + said(number), number);
  }
  linux_net::UniqueFd fd{open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
  if (!fd) {
    const int number = errno;
    return fail("open /proc/self/ns/net: " + said(number), number);
  }
  return fd;
}

}  // namespace lvs::verify
