#include "director/core/scheduler/wrr.h"

#include <algorithm>
#include <numeric>

namespace lvs::director {
namespace {

std::uint32_t weight_of(const ServerRecord& server) {
  return server.takes_new_flows() ? server.weight : 0;
}

}  // namespace

std::optional<std::size_t> WeightedRoundRobin::pick(const ServerList& servers,
                                                    const NewFlow& /*flow*/) {
  if (highest_ == 0) return std::nullopt;
  const std::size_t seats = servers.size();
  const std::optional<std::size_t> next = weights_.last_before(last_.value_or(seats), pass_);
  if (!next) return pick_in_later_pass(seats);
  last_ = next;
  return next;
}

std::optional<std::size_t> WeightedRoundRobin::pick_in_later_pass(std::size_t seats) {
  const bool cycle_ended = pass_ <= divisor_;
  if (cycle_ended && !last_) return take_none_at_head();

  const std::uint32_t first = cycle_ended ? highest_ : pass_ - divisor_;
  const std::uint32_t greatest = weights_.greatest();
  if (greatest == 0) {
    // Within a cycle the walk ends at the list's end. Over the end of a cycle it ends where it
    // began, in the same pass: nothing has changed.
    return cycle_ended ? std::nullopt : take_none_at_head();
  }
  // Every pass is 1 more than a multiple of the divisor, so each weight is reached by one.
  const std::uint32_t steps =
      first > greatest ? (first - greatest + divisor_ - 1) / divisor_ : std::uint32_t{0};
  pass_ = first - steps * divisor_;
  last_ = weights_.last_before(seats, pass_);
  return last_;
}

std::optional<std::size_t> WeightedRoundRobin::take_none_at_head() {
  last_.reset();
  pass_ = highest_;
  return std::nullopt;
}

void WeightedRoundRobin::on_started(const ServerList& servers) {
  for (std::size_t seat = 0; seat < servers.size(); ++seat)
    weights_.push_back(weight_of(servers[seat]));
  begin_anew(servers);
}

void WeightedRoundRobin::on_added(const ServerList& servers) {
  weights_.push_back(weight_of(servers[servers.size() - 1]));
  begin_anew(servers);
}

void WeightedRoundRobin::on_removed(const ServerList& servers, std::size_t seat) {
  weights_.erase(seat);
  begin_anew(servers);
}

void WeightedRoundRobin::on_edited(const ServerList& servers, std::size_t seat) {
  on_load(servers, seat);
  begin_anew(servers);
}

void WeightedRoundRobin::on_load(const ServerList& servers, std::size_t seat) {
  weights_.set(seat, weight_of(servers[seat]));
}

void WeightedRoundRobin::begin_anew(const ServerList& servers) {
  std::uint32_t divisor = 0;
  std::uint32_t greatest = 0;  // overloaded servers count
  for (std::size_t seat = 0; seat < servers.size(); ++seat) {
    divisor = std::gcd(divisor, servers[seat].weight);
    greatest = std::max(greatest, servers[seat].weight);
  }
  last_.reset();
  divisor_ = std::max(divisor, 1u);
  highest_ = greatest == 0 ? 0 : greatest - (divisor_ - 1);
  if (pass_ == 0 || pass_ > highest_) {
    pass_ = highest_;
  } else if (divisor_ > 1) {
    pass_ = pass_ / divisor_ * divisor_ + 1;
  }
}

}  // namespace lvs::director
