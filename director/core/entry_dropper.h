#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "director/core/live_tables.h"
#include "net/base/time.h"

namespace lvs::director {

/// drop_entry (facts of IPVS, 2.12): while the defence is up, each second another 32nd of the table
/// is gone through, and what a flood left there is forced out. IPVS takes its 32nd at random, which
/// it must because its hash has no order that an attacker could not choose; ours is the order of
/// the records, so that all are looked at within 32 seconds.
class EntryDropper {
 public:
  /// A second has begun.
  void begin(const LiveTables& tables);
  /// At most `limit` records; true when more are due.
  bool run(LiveTables& tables, Tick now, std::size_t limit);

 private:
  struct Position {
    std::uint32_t next = 1;
    std::uint32_t due = 0;
  };
  static constexpr std::size_t kFewPackets = 8;

  template <typename Addr>
  void run_family(LiveTables& tables, Position& position, Tick now, std::size_t& limit);
  template <typename Addr>
  bool is_dropped(LiveTables& tables, const Connection<Addr>& connection, Tick now);
  template <typename Addr>
  bool is_idle_and_small(LiveTables& tables, const Connection<Addr>& connection, Tick now);

  Position ipv4_;
  Position ipv6_;
  std::array<std::uint8_t, kFewPackets + 1> waited_{};  ///< by packets of the entry
};

}  // namespace lvs::director
