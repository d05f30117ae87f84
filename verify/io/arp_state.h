#pragma once

#include <string>

#include "net/base/result.h"
#include "net/json/json.h"
#include "profiles/core/profile.h"
#include "verify/core/owner.h"

namespace lvs::verify {

/// How this real server would answer ARP for its first VIP: read in the calling thread's network
/// namespace, which must be the host's.
Result<ArpState> read_arp_state(const profiles::Profile& profile, const profiles::Host& host);

/// The document that `lvs-verify arp-state` prints and `owner --host-state` takes.
Json to_json(const std::string& host, const ArpState& state);

struct NamedArpState {
  std::string host;
  ArpState state;
};
Result<NamedArpState> arp_state_from_json(const Json& document);

}  // namespace lvs::verify
