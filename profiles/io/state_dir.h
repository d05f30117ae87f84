#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "net/base/result.h"
#include "net/linux/fd.h"
#include "net/linux/namespace.h"

namespace lvs::profiles {

/// Where this machine's state for one network namespace lives: BASE/ns-ID, BASE being
/// state_base(). Namespaces
/// that share one /run stay apart, because ID is the namespace's cookie, which is never used twice
/// in a boot (its inode on kernels before 5.14).
class StateDir {
 public:
  /// Resolves the path for the calling thread's namespace. Makes nothing.
  static Result<StateDir> locate(const std::optional<std::string>& base);

  const std::filesystem::path& path() const { return path_; }
  linux_net::NamespaceId namespace_id() const { return id_; }
  std::filesystem::path journal(const std::string& profile_name) const;  ///< NAME.journal
  std::filesystem::path socket() const;                                  ///< director.sock

  /// Makes the folder (0755, parents too) when it is not there.
  Result<void> create() const;

 private:
  StateDir(std::filesystem::path path, linux_net::NamespaceId id)
      : path_(std::move(path)), id_(id) {}
  std::filesystem::path path_;
  linux_net::NamespaceId id_;
};

/// An exclusive lock on a file of the state folder, held by this process until the object goes; the
/// kernel drops it when the process dies in whatever way. `lock` serialises changes to the host;
/// `director.lock` is held by the running director.
class StateLock {
 public:
  /// Takes the lock without waiting. When another process has it, the error names its pid and what
  /// it wrote about itself ("lvs-director run profiles/dr.toml, pid 4711").
  static Result<StateLock> take(const std::filesystem::path& file, const std::string& about_us);

 private:
  explicit StateLock(linux_net::UniqueFd fd) : fd_(std::move(fd)) {}
  linux_net::UniqueFd fd_;
};

}  // namespace lvs::profiles
