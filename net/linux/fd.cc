#include "net/linux/fd.h"

#include <unistd.h>

namespace lvs::linux_net {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  // `other` ends up with what we held only when the two are the same object: then nothing changes.
  UniqueFd taken(other.release());
  std::swap(fd_, taken.fd_);
  return *this;
}

UniqueFd::~UniqueFd() {
  // The result of close() is of no use: the descriptor is gone either way.
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace lvs::linux_net
