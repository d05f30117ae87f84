#include "net/linux/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>

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

}  // namespace lvs::linux_net
