#pragma once

#include <string>
#include <string_view>

#include "net/base/result.h"

namespace lvs::linux_net {

// A key is the path below /proc/sys, with slashes ("net/ipv4/conf/eth0.100/arp_ignore"): interface
// names contain dots. /proc/sys/net is resolved by the namespace of the thread that opens it.

/// The value without the newline. ENOENT: this kernel has no such key.
Result<std::string> read_sysctl(std::string_view key);
Result<void> write_sysctl(std::string_view key, std::string_view value);

}  // namespace lvs::linux_net
