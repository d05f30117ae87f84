#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "director/core/answer.h"
#include "director/core/engine.h"
#include "director/core/entry_dropper.h"
#include "director/core/live_tables.h"
#include "director/core/moment.h"
#include "director/core/opening.h"
#include "director/core/packet.h"
#include "director/core/rate_limit.h"
#include "director/core/step.h"

// What an Engine is made of. Only the engine's own files include this.

namespace lvs::director {

struct Engine::Parts {
  Parts(const EngineLimits& limits, const EngineSeed& seed,
        std::span<const SchedulerName> schedulers, Tick now, TableMemory given);

  // judge.cc: from a frame to a verdict.
  template <typename Addr>
  Verdict judge_frame(const Parsed<Addr>& parsed, Frame& frame, Tick now,
                      std::span<std::uint8_t> scratch);
  template <typename Addr>
  Step judge_other(const Parsed<Addr>& parsed, Frame& frame, Tick now);
  template <typename Addr>
  Found<Addr> judge(const Packet<Addr>& packet, Frame& frame, Tick now);
  template <typename Addr>
  Verdict answer(const Step& step, const Packet<Addr>& packet, Tick now,
                 std::span<std::uint8_t> scratch);
  template <typename Addr>
  Addr speaker(const Step& step, const Packet<Addr>& packet) const;

  // upkeep.cc: what is done in between.
  void judge_defence();
  bool expire(Tick now, std::size_t limit);
  bool sweep_condemned(Tick now, std::size_t limit);
  template <typename Addr>
  bool sweep_family(std::uint32_t& from, Tick now, std::size_t& limit);

  TableMemory memory;
  LiveTables tables;
  OpeningLimits opening;
  RateLimit answers;
  VerdictCounters counters;
  EntryDropper dropper;
  Tick second_began;
  Tick latest{};  ///< that anybody told: what is set from outside is as new as this
  std::uint64_t seed_for_chance;
  /// The table positions where the search for connections of condemned servers goes on.
  std::uint32_t sweep_from4 = 1;
  std::uint32_t sweep_from6 = 1;
};

}  // namespace lvs::director
