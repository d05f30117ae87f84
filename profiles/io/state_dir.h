#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "net/base/result.h"
#include "net/linux/fd.h"
#include "net/linux/namespace.h"
#include "profiles/core/places.h"

namespace lvs::profiles {

/// Where this machine's state for one network namespace lives: BASE/ns-ID, BASE being
/// state_base(). Namespaces
/// that share one /run stay apart, because ID is the namespace's cookie, which is never used twice
/// in a boot (its inode on kernels before 5.14).
///
/// What is applied persistently has its journal in /var/lib/lvskit instead, because it must outlive
/// the boot. There is one such folder: only the namespace that the system boots in is set up by it.
class StateDir {
 public:
  /// Resolves the path for the calling thread's namespace. Makes nothing.
  static Result<StateDir> locate(const std::optional<std::string>& base, const Places& places = {});

  const std::filesystem::path& path() const { return path_; }
  linux_net::NamespaceId namespace_id() const { return id_; }
  std::filesystem::path journal(const std::string& profile_name) const;  ///< NAME.journal
  std::filesystem::path socket() const;                                  ///< director.sock

  const std::filesystem::path& persistent_path() const { return persistent_; }
  std::filesystem::path persistent_journal(const std::string& profile_name) const;
  /// True in the namespace that the system boots in. False when that cannot be known.
  bool is_boot_namespace() const { return is_boot_namespace_; }

  /// Makes the folder (0755, parents too) when it is not there.
  Result<void> create() const;

 private:
  StateDir(std::filesystem::path path, std::filesystem::path persistent, linux_net::NamespaceId id,
           bool is_boot_namespace)
      : path_(std::move(path)),
        persistent_(std::move(persistent)),
        id_(id),
        is_boot_namespace_(is_boot_namespace) {}
  std::filesystem::path path_;
  std::filesystem::path persistent_;
  linux_net::NamespaceId id_;
  bool is_boot_namespace_ = false;
};

/// An exclusive lock on a file of the state folder, held by this process until the object goes; the
/// kernel drops it when the process dies in whatever way. `lock` serialises changes to the host;
/// `director.lock` is held by the running director.
class StateLock {
 public:
  /// Takes the lock without waiting. When another process has it, the error names its pid and what
  /// it wrote about itself ("lvs-director run profiles/dr.toml, pid 4711").
  static Result<StateLock> take(const std::filesystem::path& file, const std::string& about_us);
  /// Takes it as soon as it is free.
  static Result<StateLock> wait(const std::filesystem::path& file, const std::string& about_us);

 private:
  explicit StateLock(linux_net::UniqueFd fd) : fd_(std::move(fd)) {}
  linux_net::UniqueFd fd_;
};

}  // namespace lvs::profiles
