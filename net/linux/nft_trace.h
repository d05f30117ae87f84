#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/linux/netlink.h"
#include "net/linux/nft_rule.h"

namespace lvs::linux_net {

/// What one rule or policy did with a traced packet.
struct TraceEvent {
  std::uint8_t family = 0;
  std::string table;
  std::string chain;
  std::uint64_t handle = 0;  ///< of the rule; 0: the chain's policy
  bool dropped = false;
  std::vector<std::uint8_t> network_header;  ///< the beginning of the packet
};

/// nf_tables' trace of packets that match: a table of its own marks them before every other chain
/// of the hook, and goes away with this object, whatever becomes of us: its socket owns it.
class NftTrace {
 public:
  /// Each element is the expressions of one match for a table of family inet.
  static Result<NftTrace> start(const std::vector<std::vector<NftExpression>>& matches);
  /// What has happened since; never waits.
  Result<std::vector<TraceEvent>> events();

 private:
  NftTrace(NetlinkSocket owner, NetlinkSocket listener)
      : owner_(std::move(owner)), listener_(std::move(listener)) {}
  NetlinkSocket owner_;
  NetlinkSocket listener_;
};

}  // namespace lvs::linux_net
