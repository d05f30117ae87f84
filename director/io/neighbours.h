#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "director/io/hop_tracker.h"
#include "net/linux/rtnetlink.h"

namespace lvs::director {

/// A link that came, changed or went, for whoever receives from it.
struct LinkNews {
  std::string name;
  LinkIndex index{};
  bool gone = false;
  bool up = false;
};

/// Keeps a HopTracker true to the kernel's routes and neighbours, and asks the kernel for the
/// neighbours that the tracker wants. Used by one thread; it never waits.
class Neighbours {
 public:
  static Result<std::unique_ptr<Neighbours>> open();

  /// A next hop to follow, before the first refresh().
  void add(NextHopId id, Ipv4Addr server) { tracker_.add(id, server); }
  /// Reads routes, links and neighbours anew.
  Result<void> refresh();

  /// Readable when there are notifications to handle.
  int fd() const { return events_.fd(); }
  /// Takes all notifications that are there. What it says of links is in the order of events.
  Result<std::vector<LinkNews>> handle_events();

  void mark_used(NextHopId id) { tracker_.mark_used(id); }
  /// Asks for what is due. An error is the last one; the others were asked for all the same.
  Result<void> ask(Tick now);
  std::vector<HopChange> take_changes() { return tracker_.take_changes(); }
  std::string describe(NextHopId id) const { return tracker_.describe(id); }

 private:
  Neighbours(linux_net::RouteSocket routes, linux_net::RouteEvents events)
      : routes_(std::move(routes)), events_(std::move(events)) {}
  Result<void> find_ways();
  Result<void> read_neighbours();
  void learn(const linux_net::Neighbour& neighbour, bool gone);
  std::optional<Via> way_to(Ipv4Addr server, const std::vector<linux_net::Link>& links);

  linux_net::RouteSocket routes_;
  linux_net::RouteEvents events_;
  HopTracker tracker_;
};

/// The kernel's NUD_* state in the tracker's words.
Reach reach_of(const linux_net::Neighbour& neighbour);

}  // namespace lvs::director
