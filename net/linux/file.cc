#include "net/linux/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "net/linux/fd.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {

Result<std::string> read_small_file(const std::string& path, std::size_t limit) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail(errno_text(errno), errno);

  std::string text;
  std::array<char, 4096> block{};
  while (true) {
    const ssize_t got = ::read(file.get(), block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(errno_text(errno), errno);
    if (got == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
    if (text.size() > limit) return fail(errno_text(EFBIG), EFBIG);
  }
}

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("write " + path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> sync_folder_of(const std::filesystem::path& file) {
  const std::string folder = file.parent_path().string();
  const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0) return fail_errno("fsync the folder " + folder);
  return {};
}

}  // namespace lvs::linux_net
