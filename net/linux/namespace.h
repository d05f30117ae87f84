#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/base/result.h"
#include "net/linux/fd.h"

namespace lvs::linux_net {

/// Tells one network namespace from every other, also after it is gone: the cookie is never used
/// again until the next boot (SO_NETNS_COOKIE, Linux 5.14; 0 on an older kernel).
struct NamespaceId {
  std::uint64_t inode = 0;
  std::uint64_t cookie = 0;
  friend bool operator==(NamespaceId, NamespaceId) = default;
};

/// A network namespace by the descriptor that keeps it alive.
class NetNamespace {
 public:
  /// A name under /run/netns, a path, or a pid. The error lists what was tried.
  static Result<NetNamespace> open(std::string_view name_path_or_pid);
  /// The calling thread's own.
  static Result<NetNamespace> current();

  int fd() const { return fd_.get(); }
  /// Moves the calling thread in, for good. A program does it once, before it starts threads;
  /// whoever needs two namespaces uses a thread or a child process for each.
  Result<void> enter() const;

 private:
  explicit NetNamespace(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// The calling thread's network namespace.
Result<NamespaceId> current_namespace_id();

/// This boot (/proc/sys/kernel/random/boot_id).
Result<std::string> boot_id();

}  // namespace lvs::linux_net
