#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "net/json/json.h"
#include "tests/lab/flows/recording.h"

// The director's own list in the recordings' terms.

namespace lvs::test {

/// Of the services of this VIP.
std::vector<ListedConnection> connections_of(const Json& listed, const std::string& vip);
/// By "10.0.0.11:80", of the service PROTOCOL VIP:PORT ("TCP 10.0.0.100:80").
std::map<std::string, std::pair<long, long>> counts_of(const Json& listed,
                                                       const std::string& service);
/// By "UDP 10.0.0.100:53 10.0.0.11:53".
std::map<std::string, Figures> figures_of(const Json& listed, const std::string& vip);

/// Empty when both lists hold the same connections with the same servers and states, and each runs
/// on the timeout of the same state. What a program of a test is quicker or slower about:
/// the seconds that are left, and whether an entry in CLOSE, which lasts 10 s, is still there when
/// a later step is listed.
std::string difference(const std::vector<ListedConnection>& recorded,
                       const std::vector<ListedConnection>& ours);

}  // namespace lvs::test
