#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "net/linux/process.h"

namespace lvs::test {

/// The whole of a file; empty when there is none.
std::string contents(const std::filesystem::path& path);

/// Waits until a program has written this into its log, told by the kernel of each write. False
/// when it ended without, or did not come to it in this time.
bool wait_for_text(const std::string& text, const std::filesystem::path& log,
                   const linux_net::ChildProcess& writer, std::chrono::seconds longest);

}  // namespace lvs::test
