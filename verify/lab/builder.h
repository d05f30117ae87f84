#pragma once

#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/linux/fd.h"
#include "net/linux/namespace.h"
#include "verify/lab/topology.h"

namespace lvs::verify {

/// A host's network namespace, kept alive by its descriptor.
struct BuiltHost {
  std::string name;  ///< empty: the fabric, which holds the bridges
  linux_net::UniqueFd netns;
  linux_net::NamespaceId id{};
};

/// Makes the whole network: the fabric first, then each host with its sysctls, links, addresses and
/// routes. The process ends up in the last namespace; everything goes away with the descriptors.
Result<std::vector<BuiltHost>> build_network(const Topology& topology);

}  // namespace lvs::verify
