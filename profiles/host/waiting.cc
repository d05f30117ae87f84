#include "profiles/host/waiting.h"

#include "net/linux/boot_clock.h"
#include "profiles/host/guard.h"

namespace lvs::host {

std::optional<Waiting> waiting_in(const profiles::Journal& journal) {
  const profiles::Awaiting* awaiting = journal.awaiting();
  if (awaiting == nullptr) return std::nullopt;
  const auto left = std::chrono::milliseconds(awaiting->deadline_ms) - linux_net::boot_time();
  if (left.count() <= 0) return std::nullopt;
  return Waiting{left, is_alive(journal.armed()->guard)};
}

std::string time_left_text(std::chrono::milliseconds left) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600)
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

std::string waiting_text(const profiles::Journal& journal, const Waiting& waiting) {
  return "an apply of profile " + journal.header().profile + " waits for its confirmation, " +
         time_left_text(waiting.left) + " left";
}

}  // namespace lvs::host
