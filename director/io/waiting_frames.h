#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "director/core/frame.h"
#include "director/core/ids.h"
#include "net/base/time.h"

namespace lvs::director {

/// A frame, offload header in front, that waits for its next hop's MAC address.
struct WaitingFrame {
  NextHopId hop{};
  Tick deadline{};
  std::vector<std::uint8_t> with_header;
  Frame about{};  ///< how it came: without its bytes
};

/// Frames for servers whose MAC address is being asked for, as the kernel keeps some for its own
/// unresolved neighbours: without them the first SYN to each server would be lost, and the client
/// would wait a second for its retransmission.
class WaitingFrames {
 public:
  static constexpr std::size_t kEachHop = 3;
  static constexpr std::size_t kFrames = 1024;            ///< in all: 64 MiB at the very most
  static constexpr Ticks kLongest = seconds_to_ticks(3);  ///< as long as the kernel asks

  /// Copies the frame; false when there is no room for it.
  bool keep(NextHopId hop, std::span<const std::uint8_t> with_header, Tick now,
            const Frame& about = {});
  /// The frames that wait for this hop, oldest first; they are taken out.
  std::vector<WaitingFrame> take(NextHopId hop);
  /// The frames whose time is over; they are taken out.
  std::vector<WaitingFrame> take_expired(Tick now);
  std::vector<WaitingFrame> take_all() { return std::exchange(frames_, {}); }

  std::size_t size() const { return frames_.size(); }
  bool waits_for(NextHopId hop) const;

 private:
  std::vector<WaitingFrame> frames_;  // in the order of arrival, so of deadlines too
};

}  // namespace lvs::director
