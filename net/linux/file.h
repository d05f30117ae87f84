#pragma once

#include <cstddef>
#include <string>

#include "net/base/result.h"

namespace lvs::linux_net {

/// The whole of a small file (of /proc, mostly). The error is only the kernel's own sentence: the
/// caller says what the file is. EFBIG when there are more than `limit` bytes.
Result<std::string> read_small_file(const std::string& path, std::size_t limit = 65536);

}  // namespace lvs::linux_net
