#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "director/io/hop_tracker.h"
#include "director/io/pump.h"
#include "net/linux/rtnetlink.h"

namespace lvs::director {

/// A link that came, changed or went, for whoever receives from it.
struct LinkNews {
  std::string name;
  LinkIndex index{};
  bool gone = false;
  bool up = false;
};

/// What the kernel has told.
struct KernelNews {
  std::vector<LinkNews> links;  ///< in the order of events
  bool ways_changed = false;    ///< what was said of ways back to clients may be wrong now
};

/// Ways back to clients, as the kernel has them now.
struct WaysBack {
  std::vector<RouteAnswer> answers;
  bool forget_others = false;  ///< the next hops of all earlier answers were taken back
};

/// Keeps a HopTracker true to the kernel's routes and neighbours, and asks the kernel for the
/// neighbours that the tracker wants. Used by one thread; it never waits.
class Neighbours {
 public:
  static Result<std::unique_ptr<Neighbours>> open();

  /// A next hop to follow, before the first refresh().
  void add(NextHopId id, const IpAddr& server) { tracker_.add(id, server); }
  /// Next hops for ways back to clients.
  void add_stock(std::span<const NextHopId> ids) { tracker_.add_stock(ids); }
  /// Reads routes, links and neighbours anew.
  Result<void> refresh();
  /// Looks the ways to these clients up.
  WaysBack find_ways_back(std::span<const IpAddr> clients);

  /// Readable when there are notifications to handle.
  int fd() const { return events_.fd(); }
  /// Takes all notifications that are there.
  Result<KernelNews> handle_events();

  void mark_used(NextHopId id) { tracker_.mark_used(id); }
  /// Asks for what is due. An error is the last one; the others were asked for all the same.
  Result<void> ask(Tick now);
  std::vector<HopChange> take_changes() { return tracker_.take_changes(); }
  std::string describe(NextHopId id) const { return tracker_.describe(id); }

 private:
  struct Known {
    Reach reach = Reach::Unknown;
    MacAddr mac{};
  };

  Neighbours(linux_net::RouteSocket routes, linux_net::RouteEvents events)
      : routes_(std::move(routes)), events_(std::move(events)) {}
  Result<void> find_ways();
  Result<void> read_neighbours();
  void learn(const linux_net::Neighbour& neighbour, bool gone);
  std::optional<Via> way_to(const IpAddr& address);
  std::optional<NextHopId> hop_of(const Via& via);

  linux_net::RouteSocket routes_;
  linux_net::RouteEvents events_;
  HopTracker tracker_;
  std::vector<linux_net::Link> links_;
  /// The kernel's neighbour table, which bounds its own size: a next hop that is new may have a
  /// neighbour that the kernel has known for long, and of whom it says nothing.
  std::map<std::pair<LinkIndex, IpAddr>, Known> known_;
};

/// The kernel's NUD_* state in the tracker's words.
Reach reach_of(const linux_net::Neighbour& neighbour);

}  // namespace lvs::director
