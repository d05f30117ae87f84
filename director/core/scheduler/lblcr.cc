#include "director/core/scheduler/lblcr.h"

#include "director/core/scheduler/table.h"

namespace lvs::director {

LocalityBasedLeastConnectionReplicated::LocalityBasedLeastConnectionReplicated(
    const SchedulerSetup& setup)
    : expiration_(setup.lblcr_expiration), cache_(setup.seed, setup.lblcr_expiration) {}

std::optional<std::size_t> LocalityBasedLeastConnectionReplicated::pick(const ServerList& servers,
                                                                        const NewFlow& flow) {
  ServerSet* set = cache_.use(flow.destination, flow.now);
  if (set != nullptr) {
    const std::optional<std::size_t> least = least_loaded(servers, *set);
    // After the choice: the member that leaves may be the one that was chosen.
    if (set->size > 1 && flow.now > set->changed_at + expiration_) shrink(servers, *set, flow.now);
    if (least && !locality_.is_too_busy(servers[*least])) return least;
  }
  const std::optional<std::size_t> lightest = locality_.lightest();
  if (!lightest) return std::nullopt;
  if (set == nullptr && cache_.insert(flow.destination, {}, flow.now))
    set = cache_.use(flow.destination, flow.now);
  if (set != nullptr) join(*set, locality_.roster().number_of(*lightest), flow.now);
  return lightest;
}

/// Members that are out of the service, of weight 0 or with the OVERLOAD flag do not count.
std::optional<std::size_t> LocalityBasedLeastConnectionReplicated::least_loaded(
    const ServerList& servers, const ServerSet& set) const {
  std::optional<std::size_t> least;
  Share lightest;
  sets_.for_each(set, [&](ServerRoster::Number number) {
    const std::optional<std::size_t> seat = locality_.roster().seat_of(number);
    if (!seat) return;
    const Share share = WeightedLeastConnectionMeasure::share_of(servers[*seat]);
    if (!is_lighter(share, lightest)) return;
    least = seat;
    lightest = share;
  });
  return least;
}

/// Members that are out of the service or overloaded count here, those of weight 0 do not.
std::optional<ServerRoster::Number> LocalityBasedLeastConnectionReplicated::most_loaded(
    const ServerList& servers, const ServerSet& set) const {
  std::optional<ServerRoster::Number> most;
  Share heaviest;
  sets_.for_each(set, [&](ServerRoster::Number number) {
    const Share share = locality_.roster().share_of(servers, number);
    if (!share.may_carry() || (most && !is_lighter(heaviest, share))) return;
    most = number;
    heaviest = share;
  });
  return most;
}

void LocalityBasedLeastConnectionReplicated::shrink(const ServerList& servers, ServerSet& set,
                                                    Tick now) {
  const std::optional<ServerRoster::Number> most = most_loaded(servers, set);
  if (!most) return;
  sets_.remove(set, *most, now);
  locality_.roster().release(*most);
}

void LocalityBasedLeastConnectionReplicated::join(ServerSet& set, ServerRoster::Number number,
                                                  Tick now) {
  if (sets_.has(set, number)) return;
  if (sets_.add(set, number, now)) locality_.roster().hold(number);
}

void LocalityBasedLeastConnectionReplicated::on_time(Tick now) {
  cache_.on_time(now, [&](ServerSet& set) {
    sets_.for_each(set, [&](ServerRoster::Number number) { locality_.roster().release(number); });
    sets_.clear(set, now);
  });
}

}  // namespace lvs::director
