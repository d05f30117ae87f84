#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "director/core/engine.h"
#include "director/io/carrier.h"
#include "director/io/waiting_frames.h"

namespace lvs::director {

/// Moves frames from a carrier through the engine and executes the verdicts: one frame's way is
/// receive → process → send → count, and each ends in exactly one count. Used by the carrier thread
/// alone.
class Pump {
 public:
  static constexpr std::size_t kBatch = 64;

  Pump(Engine& engine, Carrier& carrier);

  /// One batch; returns how many frames it was.
  std::size_t run_batch(Tick now);
  /// Sets a next hop and has what waited for it judged again.
  void set_next_hop(NextHopId id, const NextHop& hop);
  /// Gives up frames that have waited too long; ends expired connections, a bounded number a call.
  void expire(Tick now);
  /// Counts what still waits: at the end of the run.
  void give_up_waiting();

  std::size_t waiting() const { return waiting_.size(); }
  /// Next hops that frames were meant for since the last call.
  std::vector<NextHopId> take_used();
  /// True when a frame began to wait since the last call: its next hop is to be asked for.
  bool take_wanted() { return std::exchange(wanted_, false); }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  struct Slot {
    CarrierFrame frame{};
    Verdict verdict{};
    bool counted = true;               ///< false: it waits, and is counted later
    std::size_t outgoing = kNone;      ///< its place in outgoing_
    std::vector<std::uint8_t> answer;  ///< offload header, then what the engine wrote
  };
  void decide(Slot& slot, Tick now);
  void arrange(Slot& slot, Tick now);
  void keep_waiting(Slot& slot, Tick now);
  void judge_again(std::vector<WaitingFrame> frames);
  void finish(Slot& slot);
  void queue(Slot& slot, LinkIndex link, std::span<const std::uint8_t> with_header);
  void give_up(const std::vector<WaitingFrame>& frames);
  void mark_used(NextHopId hop);

  Engine& engine_;
  Carrier& carrier_;
  WaitingFrames waiting_;
  std::vector<CarrierFrame> received_;
  std::vector<Slot> slots_;
  std::vector<Outgoing> outgoing_;
  std::vector<std::uint8_t> used_;  // by next hop
  bool wanted_ = false;
  Tick latest_{};  // that anybody told
};

}  // namespace lvs::director
