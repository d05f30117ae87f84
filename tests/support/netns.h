#pragma once

#include <sched.h>

#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "net/linux/namespace.h"
#include "net/linux/rtnetlink.h"

// Network namespaces for tests that need a real kernel. A namespace lives as long as its object:
// the kernel takes it, with everything in it, when the last descriptor goes, also when the test
// dies.

namespace lvs::test {

class Netns {
 public:
  /// A new, empty namespace; nullopt when this process may not make one (the test then skips).
  static std::optional<Netns> make() {
    std::optional<linux_net::NetNamespace> made;
    std::thread([&] {
      if (unshare(CLONE_NEWNET) != 0) return;
      if (auto current = linux_net::NetNamespace::current()) made = std::move(*current);
    }).join();
    if (!made) return std::nullopt;
    return Netns(std::move(*made));
  }

  int fd() const { return ns_.fd(); }
  /// A path by which another process can enter it while this one lives.
  std::string path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(ns_.fd());
  }

  /// Runs `work` on a thread of its own inside the namespace and returns what it returned. Sockets
  /// opened there stay in the namespace.
  template <typename Work>
  auto run(Work work) const -> decltype(work()) {
    std::optional<decltype(work())> result;
    std::thread([&] {
      if (!ns_.enter()) std::abort();  // we made it: it cannot fail
      result.emplace(work());
    }).join();
    return std::move(*result);
  }

 private:
  explicit Netns(linux_net::NetNamespace ns) : ns_(std::move(ns)) {}
  linux_net::NetNamespace ns_;
};

}  // namespace lvs::test
