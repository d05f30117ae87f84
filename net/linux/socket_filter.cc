#include "net/linux/socket_filter.h"

#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <vector>

#include "net/linux/fd.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {

Result<void> attach_filter(int socket, std::span<const sock_filter> program) {
  const std::string what =
      "set a socket filter of " + std::to_string(program.size()) + " instructions";
  // Longer ones would be cut in the number's sixteen bits.
  if (program.size() > BPF_MAXINSNS) return fail(what + ": too long", EINVAL);
  std::vector<sock_filter> copy(program.begin(), program.end());  // the kernel's face is not const
  const sock_fprog asked{static_cast<unsigned short>(copy.size()), copy.data()};
  if (setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &asked, sizeof asked) == 0) return {};
  return fail_errno(what);
}

Result<void> try_filter(std::span<const sock_filter> program) {
  const UniqueFd unused(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!unused) return fail_errno("open a socket");
  return attach_filter(unused.get(), program);
}

}  // namespace lvs::linux_net
