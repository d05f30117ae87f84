#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "verify/lab/builder.h"
#include "verify/lab/record.h"
#include "verify/lab/topology.h"

namespace lvs::verify {

/// The size of what every web server of a lab serves as /big.
inline constexpr std::size_t kBigFileBytes = std::size_t{100} * 1024 * 1024;

/// Makes the file behind /big: sparse, with a block of numbers that occur nowhere else in each 64
/// KiB, so that a piece that is lost, doubled or misplaced on the way changes its checksum.
Result<void> make_big_file(const std::filesystem::path& path);

/// Starts the web and echo servers of every host and returns when each has answered on loopback of
/// its own host. `self` is the path of this program (the echo server is one of its commands). The
/// error names the host and carries the end of the server's log.
Result<std::vector<RecordedProcess>> start_servers(const Topology& topology,
                                                   const std::vector<BuiltHost>& hosts,
                                                   const std::filesystem::path& folder,
                                                   const std::string& self);

}  // namespace lvs::verify
