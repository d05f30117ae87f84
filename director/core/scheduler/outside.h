#pragma once

#include <cstddef>
#include <optional>

#include "director/core/records.h"
#include "director/core/scheduler/server_list.h"

namespace lvs::director {

/// A scheduler that is not of this folder: whoever makes an engine may put one in the table of
/// names that it gives. The proof that a wrong order is noticed brings one that is wrong on
/// purpose.
class OutsideScheduler {
 public:
  using Pick = std::optional<std::size_t> (*)(const ServerList& servers,
                                              const FlowKey<Ipv4Addr>& flow);

  explicit OutsideScheduler(Pick chooser) : pick_(chooser) {}

  std::optional<std::size_t> pick(const ServerList& servers, const FlowKey<Ipv4Addr>& flow) const {
    return pick_(servers, flow);
  }
  void on_added_at_head() {}
  void on_removed(std::size_t /*position*/) {}

 private:
  Pick pick_;
};

}  // namespace lvs::director
