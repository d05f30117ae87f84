#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "director/core/scheduler/dh.h"
#include "director/core/scheduler/flags.h"
#include "director/core/scheduler/fo.h"
#include "director/core/scheduler/lblc.h"
#include "director/core/scheduler/lblcr.h"
#include "director/core/scheduler/lc.h"
#include "director/core/scheduler/mh.h"
#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/nq.h"
#include "director/core/scheduler/outside.h"
#include "director/core/scheduler/ovf.h"
#include "director/core/scheduler/rr.h"
#include "director/core/scheduler/sed.h"
#include "director/core/scheduler/server_list.h"
#include "director/core/scheduler/sh.h"
#include "director/core/scheduler/twos.h"
#include "director/core/scheduler/wlc.h"
#include "director/core/scheduler/wrr.h"
#include "net/base/time.h"

namespace lvs::director {

/// What a scheduler is made with. Each has a constructor that takes it.
struct SchedulerSetup {
  SchedulerFlags flags{};
  std::uint64_t seed = 0;  ///< for chance (twos)
  Ticks lblc_expiration = seconds_to_ticks(86400);
  Ticks lblcr_expiration = seconds_to_ticks(86400);
};

/// The schedulers: a line each. Adding one means its file, its line here and its test. A scheduler
/// has `kName`, `kSummary`, a constructor from a SchedulerSetup, and
///
///     std::optional<std::size_t> pick(const ServerList&, const NewFlow&);   // a seat, or none
///
/// and those of these that it needs, called at once or, for on_load, before the next pick:
///
///     void on_started(const ServerList&);                     // put over a list that is there
///     void on_added(const ServerList&);                       // a server took the last seat
///     void on_removed(const ServerList&, std::size_t seat);   // the one that had this seat left
///     void on_edited(const ServerList&, std::size_t seat);    // weight or thresholds
///     void on_load(const ServerList&, std::size_t seat);      // its counters or OVERLOAD changed
///     void on_flags(SchedulerFlags);
///     void on_time(Tick now);                                 // every few seconds
///
/// A scheduler without on_started is told of each server of that list by on_added (start.h).
using Scheduler = std::variant<              //
    RoundRobin,                              //
    WeightedRoundRobin,                      //
    LeastConnection,                         //
    WeightedLeastConnection,                 //
    LocalityBasedLeastConnection,            //
    LocalityBasedLeastConnectionReplicated,  //
    DestinationHashing,                      //
    SourceHashing,                           //
    ShortestExpectedDelay,                   //
    NeverQueue,                              //
    Failover,                                //
    Overflow,                                //
    MaglevHashing,                           //
    PowerOfTwoChoices,                       //
    OutsideScheduler>;

struct SchedulerName {
  std::string_view name;     ///< as written in a profile and by ipvsadm
  std::string_view summary;  ///< one line, no full stop
  Scheduler (*make)(const SchedulerSetup& setup) = nullptr;
};

namespace detail {
template <typename T>
constexpr SchedulerName name_of() {
  return {T::kName, T::kSummary, [](const SchedulerSetup& setup) { return Scheduler{T{setup}}; }};
}
template <std::size_t... I>
constexpr auto names_of(std::index_sequence<I...> /*all but the last*/) {
  return std::array{name_of<std::variant_alternative_t<I, Scheduler>>()...};
}
}  // namespace detail

/// By name, without the one from outside.
inline constexpr auto kSchedulers =
    detail::names_of(std::make_index_sequence<std::variant_size_v<Scheduler> - 1>{});

}  // namespace lvs::director
