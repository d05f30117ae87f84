#include "director/core/scheduler/twos.h"

#include <algorithm>

#include "director/core/scheduler/share.h"
#include "director/core/scheduler/table.h"

namespace lvs::director {
namespace {

std::uint32_t weight_of(const ServerRecord& server) {
  return server.takes_new_flows() ? server.weight : 0;
}

Share share_of(const ServerRecord& server) { return {overhead_of(server), server.weight}; }

}  // namespace

PowerOfTwoChoices::PowerOfTwoChoices(const SchedulerSetup& setup) : chance_(setup.seed) {}

std::optional<std::size_t> PowerOfTwoChoices::pick(const ServerList& servers,
                                                   const NewFlow& /*flow*/) {
  if (weights_.total() == 0) return std::nullopt;
  const std::size_t first = draw();
  const std::size_t second = draw();
  return is_lighter(share_of(servers[second]), share_of(servers[first])) ? second : first;
}

std::size_t PowerOfTwoChoices::draw() {
  return weights_.seat_where_used_up(std::max(chance_.up_to(weights_.total()), std::uint64_t{1}));
}

void PowerOfTwoChoices::on_added(const ServerList& servers) {
  weights_.push_back(weight_of(servers[servers.size() - 1]));
}

void PowerOfTwoChoices::on_removed(const ServerList& /*servers*/, std::size_t seat) {
  weights_.erase(seat);
}

void PowerOfTwoChoices::on_load(const ServerList& servers, std::size_t seat) {
  weights_.set(seat, weight_of(servers[seat]));
}

}  // namespace lvs::director
