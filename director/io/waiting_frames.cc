#include "director/io/waiting_frames.h"

#include <algorithm>
#include <iterator>

namespace lvs::director {
namespace {

/// Moves what `wanted` holds for out of `frames`; the order stays.
template <typename Predicate>
std::vector<WaitingFrame> extract(std::vector<WaitingFrame>& frames, const Predicate& wanted) {
  const auto first = std::stable_partition(frames.begin(), frames.end(),
                                           [&](const WaitingFrame& f) { return !wanted(f); });
  std::vector<WaitingFrame> taken(std::make_move_iterator(first),
                                  std::make_move_iterator(frames.end()));
  frames.erase(first, frames.end());
  return taken;
}

}  // namespace

bool WaitingFrames::keep(NextHopId hop, std::span<const std::uint8_t> with_header, Tick now,
                         const Frame& about) {
  const auto same_hop = std::ranges::count(frames_, hop, &WaitingFrame::hop);
  if (same_hop >= static_cast<std::ptrdiff_t>(kEachHop) || frames_.size() >= kFrames) return false;
  frames_.push_back({hop, now + kLongest, {with_header.begin(), with_header.end()}, about});
  frames_.back().about.bytes = {};
  return true;
}

std::vector<WaitingFrame> WaitingFrames::take(NextHopId hop) {
  return extract(frames_, [&](const WaitingFrame& f) { return f.hop == hop; });
}

std::vector<WaitingFrame> WaitingFrames::take_expired(Tick now) {
  if (frames_.empty() || now < frames_.front().deadline) return {};
  return extract(frames_, [&](const WaitingFrame& f) { return now >= f.deadline; });
}

bool WaitingFrames::waits_for(NextHopId hop) const {
  return std::ranges::any_of(frames_, [&](const WaitingFrame& frame) { return frame.hop == hop; });
}

}  // namespace lvs::director
