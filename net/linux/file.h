#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "net/base/result.h"

namespace lvs::linux_net {

/// The whole of a small file (of /proc, mostly). The error is only the kernel's own sentence: the
/// caller says what the file is. EFBIG when there are more than `limit` bytes.
Result<std::string> read_small_file(const std::string& path, std::size_t limit = 65536);

/// Writes all of it; an error names the file as `path`.
Result<void> write_all(int fd, std::string_view text, const std::string& path);

/// Brings a file's name to the disk: it is in its folder.
Result<void> sync_folder_of(const std::filesystem::path& file);

}  // namespace lvs::linux_net
