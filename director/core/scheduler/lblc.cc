#include "director/core/scheduler/lblc.h"

#include "director/core/scheduler/table.h"

namespace lvs::director {

LocalityBasedLeastConnection::LocalityBasedLeastConnection(const SchedulerSetup& setup)
    : cache_(setup.seed, setup.lblc_expiration) {}

std::optional<std::size_t> LocalityBasedLeastConnection::pick(const ServerList& servers,
                                                              const NewFlow& flow) {
  ServerRoster::Number* const cached = cache_.use(flow.destination, flow.now);
  if (cached != nullptr)
    if (const std::optional<std::size_t> seat = remembered(servers, *cached)) return seat;

  const std::optional<std::size_t> lightest = locality_.lightest();
  if (!lightest) return std::nullopt;  // what is remembered stays
  ServerRoster& roster = locality_.roster();
  const ServerRoster::Number chosen = roster.number_of(*lightest);
  if (cached != nullptr) {
    roster.release(*cached);
    *cached = chosen;
  } else if (!cache_.insert(flow.destination, chosen, flow.now)) {
    return lightest;
  }
  roster.hold(chosen);
  return lightest;
}

std::optional<std::size_t> LocalityBasedLeastConnection::remembered(
    const ServerList& servers, ServerRoster::Number number) const {
  const std::optional<std::size_t> seat = locality_.roster().seat_of(number);
  if (!seat) return std::nullopt;
  const ServerRecord& server = servers[*seat];
  if (server.weight == 0 || locality_.is_too_busy(server)) return std::nullopt;
  return seat;
}

void LocalityBasedLeastConnection::on_time(Tick now) {
  cache_.on_time(now, [&](ServerRoster::Number number) { locality_.roster().release(number); });
}

}  // namespace lvs::director
