#pragma once

#include <cerrno>
#include <string>

#include "net/base/result.h"

namespace lvs::linux_net {

/// The C library's sentence for an errno, untranslated: "File exists".
std::string errno_text(int number);

/// "what: File exists", with the number in Error::sys_errno.
tl::unexpected<Error> fail_errno(std::string what, int number = errno);

}  // namespace lvs::linux_net
