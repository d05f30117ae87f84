#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "director/core/answer.h"
#include "director/core/decide.h"
#include "director/core/engine.h"
#include "director/core/live_tables.h"
#include "director/core/packet.h"
#include "director/core/rate_limit.h"

// What an Engine is made of. Only the engine's own files include this.

namespace lvs::director {

struct FreeMemory {
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): the counterpart of calloc
  void operator()(std::byte* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<std::byte[], FreeMemory>;

/// A step that the client is told about: how, and the reason of the drop when it may not be told.
struct AnswerKind {
  Next next{};
  DropReason reason{};
  IcmpError icmp{};  ///< not for NoConnection, which is answered with a reset
};

struct Engine::Parts {
  Parts(const EngineLimits& limits, const EngineSeed& seed,
        std::span<const SchedulerName> schedulers, Tick now);

  Step judge(const Packet& packet, Tick now);
  Verdict refuse(const Refusal& refusal) const;
  Verdict carry_out(const Step& step, const Packet& packet, Tick now,
                    std::span<std::uint8_t> scratch);
  Verdict answer(const AnswerKind& kind, const Step& step, const Packet& packet, Tick now,
                 std::span<std::uint8_t> scratch);
  bool sweep_condemned(std::size_t& limit);

  std::uint32_t capacity;
  Memory memory;
  LiveTables tables;
  RateLimit new_flows;
  RateLimit answers;
  VerdictCounters counters;
  std::uint32_t sweep_from = 1;  ///< the table position where the search for condemned ones goes on
};

}  // namespace lvs::director
