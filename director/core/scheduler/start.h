#pragma once

#include <cstddef>
#include <variant>

#include "director/core/scheduler/server_list.h"
#include "director/core/scheduler/table.h"

namespace lvs::director {

/// Puts a scheduler that was just made over servers that are there already (ipvsadm -E with another
/// scheduler). It is not the same as adding them one by one: see wrr.
inline void start_scheduler(Scheduler& scheduler, const ServerList& servers) {
  std::visit(
      [&](auto& started) {
        if constexpr (requires { started.on_started(servers); }) {
          started.on_started(servers);
        } else if constexpr (requires { started.on_added(servers); }) {
          for (std::size_t count = 1; count <= servers.size(); ++count)
            started.on_added(servers.first(count));
        }
      },
      scheduler);
}

}  // namespace lvs::director
