#pragma once

#include <string>

namespace lvs::linux_net {

/// True when the link has the feature switched on, by the name that `ethtool -k` gives it. False
/// also where the kernel does not know the feature or will not say.
bool has_feature(const std::string& link, const std::string& feature);

}  // namespace lvs::linux_net
