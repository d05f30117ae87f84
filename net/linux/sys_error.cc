#include "net/linux/sys_error.h"

#include <cstring>

namespace lvs::linux_net {

std::string errno_text(int number) {
  // Not strerror(): that one shares a buffer between threads and speaks the user's language.
  const char* text = strerrordesc_np(number);
  return text == nullptr ? "error " + std::to_string(number) : text;
}

tl::unexpected<Error> fail_errno(std::string what, int number) {
  return fail(std::move(what) + ": " + errno_text(number), number);
}

}  // namespace lvs::linux_net
