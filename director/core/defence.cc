#include "director/core/defence.h"

#include <algorithm>

namespace lvs::director {
namespace {

/// IPVS starts at 1024 pages; a share of the table is what compares with it.
constexpr std::uint32_t kShortShare = 16;

constexpr std::uint32_t kOff = 0, kAlways = 3;

bool in_force(std::uint32_t mode, bool is_short) {
  if (mode == kOff) return false;
  return mode >= kAlways || is_short;
}

}  // namespace

void Defence::judge(const EngineSettings& settings, Filling filling) {
  const std::uint32_t threshold = std::max(filling.capacity / kShortShare, std::uint32_t{1});
  const std::uint32_t free = filling.capacity - std::min(filling.size, filling.capacity);
  const bool is_short = free < threshold;
  drops_entries_ = in_force(settings.drop_entry, is_short);
  secures_tcp_ = in_force(settings.secure_tcp, is_short);
  if (!in_force(settings.drop_packet, is_short)) {
    rate_ = 0;
    return;
  }
  if (settings.drop_packet >= kAlways) {
    if (rate_ == 0) until_next_ = settings.am_droprate;
    rate_ = settings.am_droprate;
    return;
  }
  // The shorter the table, the more are dropped: one of threshold / (threshold - free).
  rate_ = until_next_ = threshold / (threshold - free);
}

bool Defence::drops_this_packet() {
  if (rate_ == 0) return false;
  if (until_next_ > 1) {
    --until_next_;
    return false;
  }
  until_next_ = rate_;
  return true;
}

}  // namespace lvs::director
