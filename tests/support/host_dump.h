#pragma once

#include <string>

namespace lvs::test {

/// A dump of a host (links, addresses, routes of all tables, rules, neighbours that somebody made,
/// nft and iptables rulesets, qdiscs and filters, sysctls of both families) in a form that two
/// looks at the same host share: without what changes by itself (counters, handles, remaining
/// lifetimes), objects sorted within their section. Lines that begin with "== " begin a section,
/// which keeps its place.
std::string normalised(const std::string& dump);

/// The normalised dump of the calling thread's network namespace, or a text that begins with "!"
/// and says what is missing. Uses ip(8), nft(8), tc(8) and
/// iptables-legacy-save(8), not our own code.
std::string dump_host();

}  // namespace lvs::test
