#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/lab/flows/flow.h"
#include "tests/lab/flows/recording.h"

// What two runs must have in common, as a list of differences: empty is good.

namespace lvs::test {

using Differences = std::vector<std::string>;
std::string to_text(const Differences& differences);

using Captures = std::map<std::string, Sorted>;  ///< by "dir:eth0"
Captures sort_captures(const std::map<std::string, std::vector<Packet>>& packets);

/// The flows that a recorded step shows at its client.
std::set<std::string> flows_of(const Captures& step);

/// The flows of a recorded step, hop by hop and packet by packet. Ours may hold other steps too.
Differences compare_step(const Captures& recorded, const Captures& ours);

/// Every request and reply of ARP in the recording is in ours too, and nobody says that he has the
/// VIP who does not say so there. How often and when they are asked is each kernel's own business.
Differences compare_arp(const Captures& recorded, const Captures& ours, const std::string& vip);

/// Each hop of these flows passes on what the one before it sent, and no more. Holds for the
/// recording too.
Differences check_transit(const Captures& captures, const std::set<std::string>& flows);

/// Packets and their bytes that came from the router for each service, by "UDP 10.0.0.100:53": what
/// the director's figures must say.
std::map<std::string, std::pair<long, long>> arrived(const Captures& captures);

/// Every checksum of every packet, at every interface.
Differences check_sums(const Captures& captures);

}  // namespace lvs::test
