#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "director/core/engine.h"
#include "director/io/filter/selection.h"
#include "net/base/link_index.h"
#include "net/base/result.h"
#include "profiles/core/objects/withholding.h"
#include "profiles/core/profile.h"

namespace lvs::director {

/// One server to be added, in the order of adding.
struct ServerSetup {
  ServerConfig config;  ///< next_hop is filled in by load()
  bool local = false;
};
struct ServiceSetup {
  ServiceConfig config;
  std::vector<ServerSetup> servers;
};

/// A mark; its NIC, where it has one, has a number only on the host.
struct MarkSetup {
  MarkRule rule;
  std::string nic;
};

/// What a profile asks the director `self` to run, in the engine's words.
struct DirectorSetup {
  EngineLimits limits;
  std::vector<ServiceSetup> services;
  std::vector<MarkSetup> marks;
  Selection selection;                ///< the frames to receive
  std::vector<std::string> nics;      ///< to receive on, sorted
  std::vector<std::string> warnings;  ///< read but not acted on
  std::vector<ServiceKey> keys() const;
  /// Those that the director announces, sorted, once.
  const std::vector<IpAddr>& vips() const { return selection.fragments_to; }
};

/// Pure. An error names the first thing in the profile that would forward otherwise than the
/// profile says, with its place: running it half is worse than not at all.
Result<DirectorSetup> configure(const profiles::Profile& profile, const profiles::Host& self,
                                std::span<const SchedulerName> schedulers);

/// The frames that the host's set-up keeps from its kernel, and the errors that come to both.
Selection selection_of(const profiles::Withholding& withheld, const std::vector<IpAddr>& own);

/// Why a service by this mark has no packets, as a warning.
std::string without_mark(std::uint32_t mark);

/// The numbers that the host's NICs have now, by name.
using NicNumbers = std::map<std::string, LinkIndex>;
/// What gives packets their marks, while the NICs have these numbers.
std::vector<MarkRule> mark_rules(std::span<const MarkSetup> marks, const NicNumbers& numbers);

/// A server's next hop, to be kept true.
struct HopToFollow {
  NextHopId id{};
  IpAddr server{};
};

/// Puts the services and servers in; one next hop for each server address that is not local.
Result<std::vector<HopToFollow>> load(Engine& engine, const DirectorSetup& setup);

/// Next hops that ways back to clients will need: none where no server is reached by nat.
Result<std::vector<NextHopId>> add_hops_to_clients(Engine& engine, const DirectorSetup& setup);

}  // namespace lvs::director
