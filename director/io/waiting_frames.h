#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "director/core/frame.h"
#include "director/core/verdict.h"
#include "director/io/carrier.h"
#include "net/base/time.h"

namespace lvs::director {

/// A copy of a frame that waits, with all the headroom that a carrier gives.
struct WaitingFrame {
  WaitKey key{};
  DropReason reason = DropReason::None;  ///< what it is dropped for in the end
  Tick deadline{};
  std::vector<std::uint8_t> memory;
  CarrierFrame about{};  ///< its bytes are in `memory`
};

/// Frames that cannot be judged yet: the neighbour, or the way to a client, is being asked for, or
/// the first fragment of their packet has not come. The kernel keeps some for its own unresolved
/// neighbours too: without them the first SYN to each server would be lost, and the client would
/// wait a second for its retransmission.
class WaitingFrames {
 public:
  static constexpr std::size_t kEachHop = 3;  ///< for one neighbour, or the way to one client
  /// For one first fragment: a datagram of 64 KiB has 45 others over Ethernet.
  static constexpr std::size_t kEachPacket = 64;
  static constexpr std::size_t kFrames = 1024;  ///< in all
  /// Of these, fragments: anybody can send some without a first one, and the first packets for a
  /// server whose neighbour is being asked for must find room beside them.
  static constexpr std::size_t kFragments = kFrames / 2;
  static constexpr std::size_t kBytes = std::size_t{32} << 20u;  ///< in all
  static constexpr Ticks kLongest = seconds_to_ticks(3);         ///< as long as the kernel asks

  /// Copies the frame, which waits as the verdict says; false when there is no room for it.
  bool keep(const Verdict& verdict, const CarrierFrame& frame, Tick now);
  /// The frames that wait for this, oldest first; they are taken out.
  std::vector<WaitingFrame> take(WaitKey key);
  /// The frames that would be dropped for this reason; they are taken out.
  std::vector<WaitingFrame> take(DropReason reason);
  /// The frames whose time is over; they are taken out.
  std::vector<WaitingFrame> take_expired(Tick now);
  std::vector<WaitingFrame> take_all();

  std::size_t size() const { return frames_.size(); }
  bool waits_for(WaitKey key) const { return counts_.contains(key.number); }

 private:
  template <typename Predicate>
  std::vector<WaitingFrame> extract(const Predicate& wanted);

  std::vector<WaitingFrame> frames_;  // in the order of arrival, so of deadlines too
  std::unordered_map<std::uint64_t, std::size_t> counts_;  // of frames_, by key
  std::size_t fragments_ = 0;                              // of frames_
  std::size_t bytes_ = 0;
};

}  // namespace lvs::director
