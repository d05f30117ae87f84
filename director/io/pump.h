#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "director/core/engine.h"
#include "director/io/carrier.h"
#include "director/io/outbox.h"
#include "director/io/waiting_frames.h"

namespace lvs::director {

/// What the kernel says of the way back to a client. No id: it has none.
struct RouteAnswer {
  IpAddr client{};
  std::optional<NextHopId> hop{};
};

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
  /// Takes the answers to all that take_wanted_routes() told last, and has what waited for them
  /// judged again.
  void set_routes(std::span<const RouteAnswer> answers);
  /// The kernel's routes are others: all ways back are asked for anew.
  void forget_routes();
  /// Gives up frames that have waited too long; ends expired connections, a bounded number a call.
  /// True when there are more: call again before resting.
  bool expire(Tick now);
  /// Counts what still waits: at the end of the run.
  void give_up_waiting();

  std::size_t waiting() const { return waiting_.size(); }
  /// Next hops that frames were meant for since the last call.
  std::vector<NextHopId> take_used();
  /// True when a frame began to wait since the last call: its next hop is to be asked for.
  bool take_wanted() { return std::exchange(wanted_, false); }
  /// Clients to which the way is to be looked up. Nothing while the last ones are not answered.
  std::vector<IpAddr> take_wanted_routes();

 private:
  struct Slot {
    CarrierFrame frame{};
    Verdict verdict{};
    bool waits = false;                ///< it is counted later
    bool lost = false;                 ///< it, or a piece of it, could not be sent
    std::vector<std::uint8_t> answer;  ///< offload header, then what the engine wrote
  };
  void load_ahead(std::span<const CarrierFrame> frames) const;
  void decide(Slot& slot, Tick now);
  void arrange(Slot& slot, Tick now);
  void forward(Slot& slot);
  void keep_waiting(Slot& slot, Tick now);
  void finish(std::span<Slot> batch);
  void judge_again(std::vector<WaitingFrame> frames);
  void judge_woken();
  void give_up(const std::vector<WaitingFrame>& frames);
  void mark_used(NextHopId hop);

  Engine& engine_;
  Carrier& carrier_;
  Outbox outbox_;
  WaitingFrames waiting_;
  std::vector<CarrierFrame> received_;
  std::vector<Slot> slots_;
  std::vector<WaitKey> woken_;      // frames that wait for these can be judged
  std::vector<std::uint8_t> used_;  // by next hop
  bool wanted_ = false;
  bool routes_are_asked_ = false;
  Tick latest_{};  // that anybody told
};

}  // namespace lvs::director
