#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

#include "director/io/filter/selection.h"
#include "net/base/result.h"

namespace lvs::director {

/// How the frames of a selection are picked at one link. Where the exact program is more than the
/// kernel takes, it runs the finest rough one that it does take, and we run the exact one over what
/// comes: a frame that is not of the selection is the kernel's alone, as if it had never come.
struct TapFilter {
  std::vector<sock_filter> kernels;
  std::vector<sock_filter> ours;  ///< empty: the kernel's is exact
};

/// Asks the kernel how much it takes (net/linux/socket_filter.h).
Result<TapFilter> tap_filter(const Selection& selection, const std::string& link);

}  // namespace lvs::director
