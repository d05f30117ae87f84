#pragma once

#include <cstddef>
#include <optional>

#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/server_list.h"

namespace lvs::director {

/// A scheduler that is not of this folder: whoever makes an engine may put one in the table of
/// names that it gives. The proof that a wrong order is noticed brings one that is wrong on
/// purpose.
class OutsideScheduler {
 public:
  using Pick = std::optional<std::size_t> (*)(const ServerList& servers, const NewFlow& flow);

  explicit OutsideScheduler(Pick chooser) : pick_(chooser) {}

  std::optional<std::size_t> pick(const ServerList& servers, const NewFlow& flow) const {
    return pick_(servers, flow);
  }

 private:
  Pick pick_;
};

}  // namespace lvs::director
