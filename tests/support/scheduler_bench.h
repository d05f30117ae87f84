#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "director/core/scheduler/start.h"
#include "director/core/scheduler/table.h"

namespace lvs::test {

/// One scheduler over a list of servers, told of all that happens to them as a service would tell
/// it. Servers are letters; a list is written as it was added, "A4 B3 C2", a letter and its weight
/// each, so that the last one is the head of IPVS's list.
class SchedulerBench {
 public:
  explicit SchedulerBench(std::string_view scheduler, const director::SchedulerSetup& setup = {})
      : setup_(setup), scheduler_(made(scheduler)) {}

  /// "A4 B3 C2"
  SchedulerBench& add(std::string_view servers) {
    for (std::size_t at = 0; at < servers.size();) {
      const char name = servers[at];
      const std::size_t end = std::min(servers.find(' ', at), servers.size());
      const std::string weight{servers.substr(at + 1, end - at - 1)};
      add(name, static_cast<std::uint32_t>(std::stoul(weight)));
      at = end + 1;
    }
    return *this;
  }
  /// At 192.0.2.NAME:80.
  void add(char name, std::uint32_t weight) {
    add({.address = IpAddr{Ipv4Addr{192, 0, 2, static_cast<std::uint8_t>(name)}},
         .weight = weight,
         .port = Port{80}});
  }
  /// A record as it is, but for what an addition sets.
  void add(director::ServerRecord record) {
    record.seat = static_cast<std::uint32_t>(seats_.size());
    record.last_weight = record.weight;
    record.flags |= director::server_flag::kAvailable;
    records_.push_back(record);
    seats_.push_back({static_cast<std::uint32_t>(records_.size())});
    tell([&](auto& scheduler) -> decltype(scheduler.on_added(list())) {
      scheduler.on_added(list());
    });
  }
  /// Its record stays, as in the trash.
  void remove(std::size_t seat) {
    at(seat).flags = 0;
    seats_.erase(seats_.begin() + static_cast<std::ptrdiff_t>(seat));
    for (std::size_t moved = seat; moved < seats_.size(); ++moved)
      at(moved).seat = static_cast<std::uint32_t>(moved);
    tell([&](auto& scheduler) -> decltype(scheduler.on_removed(list(), seat)) {
      scheduler.on_removed(list(), seat);
    });
  }
  void remove(char name) { remove(seat_of(name)); }
  void edit(std::size_t seat, std::uint32_t weight) {
    at(seat).weight = weight;
    if (weight != 0) at(seat).last_weight = weight;
    tell([&](auto& scheduler) -> decltype(scheduler.on_edited(list(), seat)) {
      scheduler.on_edited(list(), seat);
    });
  }
  void edit(char name, std::uint32_t weight) { edit(seat_of(name), weight); }
  void load(std::size_t seat, std::uint32_t active, std::uint32_t inactive = 0) {
    at(seat).active = active;
    at(seat).inactive = inactive;
    tell_load(seat);
  }
  void load(char name, std::uint32_t active, std::uint32_t inactive = 0) {
    load(seat_of(name), active, inactive);
  }
  void set_overloaded(std::size_t seat, bool is_overloaded) {
    using director::server_flag::kOverload;
    at(seat).flags = static_cast<std::uint8_t>(is_overloaded ? at(seat).flags | kOverload
                                                             : at(seat).flags & ~kOverload);
    tell_load(seat);
  }
  void set_overloaded(char name, bool is_overloaded) {
    set_overloaded(seat_of(name), is_overloaded);
  }
  void set_flags(director::SchedulerFlags flags) {
    tell(
        [&](auto& scheduler) -> decltype(scheduler.on_flags(flags)) { scheduler.on_flags(flags); });
  }
  void pass_time(Tick now) {
    tell([&](auto& scheduler) -> decltype(scheduler.on_time(now)) { scheduler.on_time(now); });
  }
  /// ipvsadm -E with another scheduler.
  void change_scheduler(std::string_view scheduler) {
    scheduler_ = made(scheduler);
    start_scheduler(scheduler_, list());
  }

  std::optional<std::size_t> pick(const director::NewFlow& flow = {}) {
    return std::visit([&](auto& scheduler) { return scheduler.pick(list(), flow); }, scheduler_);
  }
  /// The names of the next choices, '-' for none, of connections that leave no trace.
  std::string choices(std::size_t count, const director::NewFlow& flow = {}) {
    std::string chosen;
    for (std::size_t i = 0; i < count; ++i) {
      const std::optional<std::size_t> seat = pick(flow);
      chosen += seat ? name_of(*seat) : '-';
    }
    return chosen;
  }
  /// The same for connections that stay, active.
  std::string connections(std::size_t count, const director::NewFlow& flow = {}) {
    std::string chosen;
    for (std::size_t i = 0; i < count; ++i) {
      const std::optional<std::size_t> seat = pick(flow);
      chosen += seat ? name_of(*seat) : '-';
      if (seat) load(*seat, at(*seat).active + 1, at(*seat).inactive);
    }
    return chosen;
  }

  director::ServerList list() const { return {seats_, records_}; }
  const director::ServerRecord& operator[](std::size_t seat) const { return list()[seat]; }
  std::size_t size() const { return seats_.size(); }
  std::size_t seat_of(char name) const {
    std::size_t seat = 0;
    while (name_of(seat) != name) ++seat;
    return seat;
  }
  char name_of(std::size_t seat) const {
    return static_cast<char>(list()[seat].address.octets.back());
  }

 private:
  director::Scheduler made(std::string_view name) const {
    const auto* const found =
        std::ranges::find(director::kSchedulers, name, &director::SchedulerName::name);
    return found->make(setup_);
  }
  director::ServerRecord& at(std::size_t seat) { return records_[seats_[seat].number - 1]; }
  template <typename Event>
  void tell(Event event) {
    std::visit(
        [&](auto& scheduler) {
          if constexpr (std::is_invocable_v<Event, decltype(scheduler)>) event(scheduler);
        },
        scheduler_);
  }
  void tell_load(std::size_t seat) {
    tell([&](auto& scheduler) -> decltype(scheduler.on_load(list(), seat)) {
      scheduler.on_load(list(), seat);
    });
  }

  director::SchedulerSetup setup_;
  director::Scheduler scheduler_;
  std::vector<director::ServerRecord> records_;
  std::vector<director::ServerId> seats_;
};

}  // namespace lvs::test
