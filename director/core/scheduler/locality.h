#pragma once

#include <cstddef>
#include <optional>

#include "director/core/scheduler/seat_set.h"
#include "director/core/scheduler/server_list.h"
#include "director/core/scheduler/server_roster.h"
#include "director/core/scheduler/wlc.h"

namespace lvs::director {

/// What lblc and lblcr know of their servers (facts of IPVS, 1.6).
class Locality {
 public:
  /// The choice of wlc, for a destination without a server that will do.
  std::optional<std::size_t> lightest() const { return lightest_.lightest(); }
  /// More active connections than the weight, while another server has less than half of its own.
  bool is_too_busy(const ServerRecord& server) const {
    return server.active > server.weight && half_idle_count_ != 0;
  }
  ServerRoster& roster() { return roster_; }
  const ServerRoster& roster() const { return roster_; }

  void on_added(const ServerList& servers);
  void on_removed(const ServerList& servers, std::size_t seat);
  void on_edited(const ServerList& servers, std::size_t seat);
  void on_load(const ServerList& servers, std::size_t seat);

 private:
  void note_half_idle(std::size_t seat, bool is_half_idle_now);

  WeightedLeastConnection lightest_;
  SeatSet half_idle_;
  std::size_t half_idle_count_ = 0;
  ServerRoster roster_;
};

}  // namespace lvs::director
