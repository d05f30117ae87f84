#pragma once

#include <cstddef>
#include <optional>

#include "director/core/records.h"
#include "director/core/scheduler/server_list.h"

namespace lvs::director {

/// Each server in turn, weights ignored but for zero (facts of IPVS, 1.2). It remembers the server
/// that it chose last, not the next one: a server that is added at the head gets its turn after the
/// wrap, and removing the remembered one hands the turn to its successor.
class RoundRobin {
 public:
  /// The position of the server that takes the flow; none when no server may.
  std::optional<std::size_t> pick(const ServerList& servers, const FlowKey<Ipv4Addr>& flow);

  /// A server was put at position 0.
  void on_added_at_head();
  /// The server at this position was taken out.
  void on_removed(std::size_t position);

 private:
  /// One behind the position of the last choice; 0 is the head of the list, before every server.
  std::size_t next_ = 0;
};

}  // namespace lvs::director
