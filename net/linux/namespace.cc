#include "net/linux/namespace.h"

#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "net/linux/file.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

constexpr const char* kOwnNamespace = "/proc/thread-self/ns/net";

/// Where a name, path or pid may lead, in the order in which it is tried.
std::vector<std::string> candidates(std::string_view text) {
  if (text.find('/') != std::string_view::npos) return {std::string(text)};
  std::vector<std::string> paths{"/run/netns/" + std::string(text)};
  const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (digits) paths.push_back("/proc/" + std::string(text) + "/ns/net");
  return paths;
}

/// A namespace file of another kind would be accepted by open() and fail only in setns().
Result<UniqueFd> open_namespace(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail_errno(path);
  if (::ioctl(fd.get(), NS_GET_NSTYPE) != CLONE_NEWNET)
    return fail(path + ": not a network namespace", EINVAL);
  return fd;
}

/// SO_NETNS_COOKIE of a socket made here; 0 where the kernel has no cookies.
Result<std::uint64_t> own_cookie() {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("make a socket");
  std::uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) == 0) return cookie;
  if (errno == ENOPROTOOPT) return std::uint64_t{0};
  return fail_errno("read the cookie of the network namespace");
}

}  // namespace

Result<NetNamespace> NetNamespace::open(std::string_view name_path_or_pid) {
  const std::string context = "network namespace \"" + std::string(name_path_or_pid) + "\"";
  if (name_path_or_pid.empty())
    return fail(context + ": a name, a path or a pid is needed", EINVAL);
  std::string tried;
  int first_errno = 0;
  for (const std::string& path : candidates(name_path_or_pid)) {
    auto fd = open_namespace(path);
    if (fd) return NetNamespace(*std::move(fd));
    tried += (tried.empty() ? "" : "; ") + fd.error().what;
    if (first_errno == 0) first_errno = fd.error().sys_errno;
  }
  return fail(context + ": " + tried, first_errno);
}

Result<NetNamespace> NetNamespace::current() {
  LVS_TRY(UniqueFd fd, open_namespace(kOwnNamespace));
  return NetNamespace(std::move(fd));
}

Result<void> NetNamespace::enter() const {
  if (::setns(fd_.get(), CLONE_NEWNET) != 0) return fail_errno("enter the network namespace");
  return {};
}

Result<NamespaceId> current_namespace_id() {
  struct stat about {};
  if (::stat(kOwnNamespace, &about) != 0) return fail_errno(kOwnNamespace);
  LVS_TRY(const std::uint64_t cookie, own_cookie());
  return NamespaceId{about.st_ino, cookie};
}

Result<std::string> boot_id() {
  constexpr const char* path = "/proc/sys/kernel/random/boot_id";
  auto text = read_small_file(path);
  if (!text) return fail_within(path, std::move(text).error());
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return text;
}

}  // namespace lvs::linux_net
