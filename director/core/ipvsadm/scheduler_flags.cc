#include "director/core/ipvsadm/scheduler_flags.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace lvs::director::ipvsadm {
namespace {

struct FlagName {
  std::string_view name;
  std::string_view scheduler;  ///< empty: all
  std::uint8_t bit = 0;
};

constexpr std::array kFlagNames{
    FlagName{"flag-1", "", SchedulerFlags::kFirst},
    FlagName{"flag-2", "", SchedulerFlags::kSecond},
    FlagName{"flag-3", "", SchedulerFlags::kThird},
    FlagName{"sh-fallback", "sh", SchedulerFlags::kFirst},
    FlagName{"sh-port", "sh", SchedulerFlags::kSecond},
    FlagName{"mh-fallback", "mh", SchedulerFlags::kFirst},
    FlagName{"mh-port", "mh", SchedulerFlags::kSecond},
};

}  // namespace

Outcome<SchedulerFlags> parse_scheduler_flags(std::string_view text, std::string_view scheduler) {
  SchedulerFlags flags;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    const auto found = std::ranges::find(kFlagNames, word, &FlagName::name);
    if (found == kFlagNames.end())
      return refuse("invalid scheduler flag `" + std::string{word} + '\'');
    if (!found->scheduler.empty() && found->scheduler != scheduler)
      return refuse("incompatible scheduler flag `" + std::string{word} + '\'');
    flags.bits = static_cast<std::uint8_t>(flags.bits | found->bit);
  }
  return flags;
}

}  // namespace lvs::director::ipvsadm
