#include "net/linux/sysctl.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "net/base/sysctl_name.h"
#include "net/linux/fd.h"
#include "net/linux/file.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

/// A key comes from a profile and becomes a path: it must stay below /proc/sys.
bool is_safe(std::string_view key) {
  if (key.empty() || key.find('\0') != std::string_view::npos) return false;
  for (std::size_t from = 0; from <= key.size();) {
    const std::size_t to = std::min(key.find('/', from), key.size());
    const std::string_view part = key.substr(from, to - from);
    if (part.empty() || part == "." || part == "..") return false;
    from = to + 1;
  }
  return true;
}

Result<std::string> path_of(std::string_view key) {
  if (!is_safe(key))
    return fail("\"" + std::string(key) + "\" is not the name of a sysctl", EINVAL);
  return "/proc/sys/" + std::string(key);
}

}  // namespace

Result<std::string> read_sysctl(std::string_view key) {
  LVS_TRY(const std::string path, path_of(key));
  auto value = read_small_file(path);
  if (!value) return fail_within("read " + dotted(key), std::move(value).error());
  while (!value->empty() && value->back() == '\n') value->pop_back();
  return value;
}

Result<void> write_sysctl(std::string_view key, std::string_view value) {
  LVS_TRY(const std::string path, path_of(key));
  const std::string what = "write " + dotted(key) + "=" + std::string(value);
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return fail_errno(what);
  // One write: the kernel takes each write() as a whole value.
  const ssize_t written = ::write(file.get(), value.data(), value.size());
  if (written < 0) return fail_errno(what);
  if (static_cast<std::size_t>(written) != value.size())
    return fail(what + ": the kernel took only a part of the value", EIO);
  return {};
}

}  // namespace lvs::linux_net
