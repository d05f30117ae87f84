#include "director/io/waiting_frames.h"

#include <algorithm>
#include <iterator>
#include <span>

namespace lvs::director {
namespace {

constexpr std::size_t kInFront = sizeof(linux_net::VirtioHeader) + kHeadroom;

}  // namespace

bool WaitingFrames::keep(const Verdict& verdict, const CarrierFrame& frame, Tick now) {
  const bool is_fragment = verdict.reason == DropReason::Fragment;
  const std::size_t most = is_fragment ? kEachPacket : kEachHop;
  const std::span<const std::uint8_t> bytes = frame.frame.bytes;
  const std::size_t needed = kInFront + bytes.size();
  const auto same = counts_.find(verdict.waits_for.number);
  if (same != counts_.end() && same->second >= most) return false;
  if (frames_.size() >= kFrames || bytes_ + needed > kBytes) return false;
  if (is_fragment && fragments_ >= kFragments) return false;

  WaitingFrame waiting{verdict.waits_for, verdict.reason, now + kLongest, {}, frame};
  waiting.memory.resize(needed);
  std::ranges::copy(bytes, waiting.memory.begin() + kInFront);
  waiting.about.frame.bytes = std::span(waiting.memory).subspan(kInFront);
  waiting.about.frame.headroom = kHeadroom;
  waiting.about.frame.tailroom = 0;
  frames_.push_back(std::move(waiting));
  ++counts_[verdict.waits_for.number];
  if (is_fragment) ++fragments_;
  bytes_ += needed;
  return true;
}

/// Moves what `wanted` holds for out; the order stays.
template <typename Predicate>
std::vector<WaitingFrame> WaitingFrames::extract(const Predicate& wanted) {
  const auto first = std::stable_partition(frames_.begin(), frames_.end(),
                                           [&](const WaitingFrame& f) { return !wanted(f); });
  std::vector<WaitingFrame> taken(std::make_move_iterator(first),
                                  std::make_move_iterator(frames_.end()));
  frames_.erase(first, frames_.end());
  for (const WaitingFrame& frame : taken) {
    bytes_ -= frame.memory.size();
    if (frame.reason == DropReason::Fragment) --fragments_;
    const auto count = counts_.find(frame.key.number);
    if (--count->second == 0) counts_.erase(count);
  }
  return taken;
}

std::vector<WaitingFrame> WaitingFrames::take(WaitKey key) {
  if (!waits_for(key)) return {};
  return extract([&](const WaitingFrame& f) { return f.key == key; });
}

std::vector<WaitingFrame> WaitingFrames::take(DropReason reason) {
  return extract([&](const WaitingFrame& f) { return f.reason == reason; });
}

std::vector<WaitingFrame> WaitingFrames::take_expired(Tick now) {
  if (frames_.empty() || now < frames_.front().deadline) return {};
  return extract([&](const WaitingFrame& f) { return now >= f.deadline; });
}

std::vector<WaitingFrame> WaitingFrames::take_all() {
  return extract([](const WaitingFrame&) { return true; });
}

}  // namespace lvs::director
