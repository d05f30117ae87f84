// Files of ours (sysctl.d, units). A file appears and changes in one go and is on the disk before
// the step counts as done: whoever reads it after a crash finds it whole or not at all.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "net/linux/fd.h"
#include "net/linux/file.h"
#include "net/linux/sys_error.h"
#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

namespace fs = std::filesystem;
using linux_net::fail_errno;
using linux_net::UniqueFd;

constexpr mode_t kMode = 0644;
/// What systemd keeps enabling links in, and makes and removes as they come and go.
constexpr std::string_view kWants = ".wants";

/// Where the next content of a file waits for its name. Deterministic, so that what a crash left is
/// found again.
std::string waiting(const std::string& path) { return path + ".lvskit-new"; }

Result<void> need_folder(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  struct stat status {};
  if (::stat(folder.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return {};
    return fail(folder.string() + " is no folder", ENOTDIR);
  }
  if (errno == ENOENT && folder.native().ends_with(kWants) &&
      ::mkdir(folder.c_str(), 0755) == 0)  // NOLINT(readability-magic-numbers): rwxr-xr-x
    return linux_net::sync_folder_of(folder);
  return fail_errno("the folder " + folder.string() + " is needed for " + path);
}

Result<void> fill(int fd, const std::string& text, const std::string& path) {
  LVS_CHECK(linux_net::write_all(fd, text, path));
  if (::fchmod(fd, kMode) != 0) return fail_errno("set the mode of " + path);
  if (::fsync(fd) != 0) return fail_errno("fsync " + path);
  return {};
}

/// Gives the file a name that nothing has yet.
Result<void> write_new(const std::string& name, const std::string& content) {
  const std::string folder = fs::path(name).parent_path();
  const UniqueFd nameless(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode));
  if (nameless) {
    LVS_CHECK(fill(nameless.get(), content, name));
    const std::string by_fd = "/proc/self/fd/" + std::to_string(nameless.get());
    if (::linkat(AT_FDCWD, by_fd.c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) != 0)
      return fail_errno("make " + name);
    return {};
  }
  // Not every file system has nameless files.
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return fail_errno("make " + name);
  const std::string temporary = waiting(name);
  ::unlink(temporary.c_str());
  const UniqueFd file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
  if (!file) return fail_errno("make " + temporary);
  Result<void> done = fill(file.get(), content, name);
  if (done && ::link(temporary.c_str(), name.c_str()) != 0) done = fail_errno("make " + name);
  ::unlink(temporary.c_str());
  return done;
}

Result<void> make(const std::string& name, const FileFact& file) {
  if (!file.is_link) return write_new(name, file.content);
  if (::symlink(file.content.c_str(), name.c_str()) != 0) return fail_errno("make link " + name);
  return {};
}

Result<std::string> target_of(const std::string& path) {
  std::array<char, 4096> buffer{};
  const ssize_t length = ::readlink(path.c_str(), buffer.data(), buffer.size());
  if (length < 0) return fail_errno("read link " + path);
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

/// What stands at the path; ENOENT when nothing does.
Result<FileFact> read_one(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return fail_errno("look at " + path);
  if (S_ISLNK(status.st_mode)) {
    LVS_TRY(std::string target, target_of(path));
    return FileFact{path, std::move(target), true};
  }
  // Never ours, so its content does not matter; but it must not look like an empty file of ours.
  if (!S_ISREG(status.st_mode)) return FileFact{path, "(no regular file)", false};
  auto text = linux_net::read_small_file(path);
  if (!text && text.error().sys_errno == EFBIG) return FileFact{path, "(a large file)", false};
  if (!text) return fail_within("read " + path, std::move(text).error());
  return FileFact{path, *std::move(text), false};
}

/// An error when the file is not what it is taken for: only what we know is ever removed.
Result<void> must_be(const FileFact& file) {
  LVS_TRY(const FileFact present, read_one(file.path));
  if (is_as_made(present, file)) return {};
  return fail(file.path + " was changed by somebody else and is left as it is", EEXIST);
}

}  // namespace

Result<void> add_object(RouteSocket& /*route*/, const FileFact& file) {
  LVS_CHECK(need_folder(file.path));
  LVS_CHECK(make(file.path, file));
  return linux_net::sync_folder_of(file.path);
}

Result<void> remove_object(RouteSocket& /*route*/, const FileFact& file) {
  LVS_CHECK(must_be(file));
  ::unlink(waiting(file.path).c_str());
  if (::unlink(file.path.c_str()) != 0) return fail_errno("remove " + file.path);
  LVS_CHECK(linux_net::sync_folder_of(file.path));
  // As systemctl does; it stays when it holds anything.
  const fs::path folder = fs::path(file.path).parent_path();
  if (folder.native().ends_with(kWants)) ::rmdir(folder.c_str());
  return {};
}

Result<void> replace_object(RouteSocket& /*route*/, const FileFact& before, const FileFact& after) {
  LVS_CHECK(must_be(before));
  const std::string next = waiting(after.path);
  ::unlink(next.c_str());
  LVS_CHECK(make(next, after));
  if (::rename(next.c_str(), after.path.c_str()) != 0) {
    const int number = errno;
    ::unlink(next.c_str());
    return fail_errno("change " + after.path, number);
  }
  return linux_net::sync_folder_of(after.path);
}

Result<void> read_files(const std::vector<std::string>& paths, Snapshot& snapshot) {
  for (const std::string& path : paths) {
    auto file = read_one(path);
    if (file) {
      snapshot.files.push_back(*std::move(file));
      continue;
    }
    const int number = file.error().sys_errno;
    if (number != ENOENT && number != ENOTDIR) return tl::unexpected(std::move(file).error());
  }
  return {};
}

}  // namespace lvs::profiles
