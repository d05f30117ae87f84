#include "director/core/verdict.h"

#include <numeric>

namespace lvs::director {

namespace {

// In the order of DropReason.
constexpr std::array<std::string_view, kDropReasons> kNames{
    "none",      "truncated",     "bad_header",  "bad_checksum",   "not_for_us", "fragment",
    "no_server", "no_connection", "server_gone", "ttl_expired",    "too_big",    "no_neighbour",
    "no_route",  "table_full",    "defence",     "new_flow_limit", "send_failed"};
static_assert(!kNames.back().empty(), "every reason has a name");

}  // namespace

std::string_view name(DropReason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < kNames.size() ? kNames[index] : "unknown";
}

std::string_view name(Action action) {
  switch (action) {
    case Action::Forward:
      return "forward";
    case Action::Local:
      return "local";
    case Action::Kernel:
      return "kernel";
    case Action::Answer:
      return "answer";
    case Action::Drop:
      return "drop";
    case Action::Wait:
      return "wait";
  }
  return "unknown";
}

std::uint64_t VerdictCounters::all_dropped() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

bool VerdictCounters::conserved() const {
  return received == forwarded + local + kernel + answered + all_dropped();
}

}  // namespace lvs::director
