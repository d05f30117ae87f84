#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "profiles/io/state_dir.h"

// The lock is flock() on the file, which goes with the process in whatever way it ends. What is
// written in the file is only for the message to the next one: it may be stale when nobody holds
// it.

namespace lvs::profiles {
namespace {

std::string text_of(int number) { return std::system_category().message(number); }

std::string read_about(int fd) {
  std::array<char, 512> buffer{};
  const ssize_t length = ::pread(fd, buffer.data(), buffer.size(), 0);
  if (length <= 0) return "another process";
  return {buffer.data(), static_cast<std::size_t>(length)};
}

Result<linux_net::UniqueFd> open_file(const std::filesystem::path& file) {
  linux_net::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return fail("open " + file.string() + ": " + text_of(errno), errno);
  return fd;
}

Result<void> write_about(int fd, const std::filesystem::path& file, const std::string& about_us) {
  const std::string about = about_us + ", pid " + std::to_string(::getpid());
  const bool written = ::ftruncate(fd, 0) == 0 && ::pwrite(fd, about.data(), about.size(), 0) ==
                                                      static_cast<ssize_t>(about.size());
  if (!written) return fail("write " + file.string() + ": " + text_of(errno), errno);
  return {};
}

}  // namespace

Result<StateLock> StateLock::take(const std::filesystem::path& file, const std::string& about_us) {
  LVS_TRY(linux_net::UniqueFd fd, open_file(file));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    const int number = errno;
    if (number != EWOULDBLOCK)
      return fail("lock " + file.string() + ": " + text_of(number), number);
    return fail(file.string() + " is held by " + read_about(fd.get()), number);
  }
  LVS_CHECK(write_about(fd.get(), file, about_us));
  return StateLock(std::move(fd));
}

Result<StateLock> StateLock::wait(const std::filesystem::path& file, const std::string& about_us) {
  LVS_TRY(linux_net::UniqueFd fd, open_file(file));
  while (::flock(fd.get(), LOCK_EX) != 0)
    if (errno != EINTR) return fail("lock " + file.string() + ": " + text_of(errno), errno);
  LVS_CHECK(write_about(fd.get(), file, about_us));
  return StateLock(std::move(fd));
}

}  // namespace lvs::profiles
