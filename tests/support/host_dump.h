#pragma once

#include <string>

namespace lvs::test {

/// A dump of a host (`ip`, `nft` and sysctls) in a form that two looks at the same host share:
/// without what changes by itself (counters, handles, remaining lifetimes), routes and addresses
/// sorted within their section. Lines that begin with "== " begin a section, which keeps its place.
std::string normalised(const std::string& dump);

/// The normalised dump of the calling thread's network namespace, or a text that begins with "!"
/// and says what is missing. Uses ip(8) and nft(8), not our own code.
std::string dump_host();

}  // namespace lvs::test
