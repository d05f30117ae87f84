#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "director/core/ids.h"
#include "director/core/records.h"
#include "net/base/link_index.h"
#include "net/base/time.h"
#include "net/wire/addr.h"

namespace lvs::director {

/// What the kernel's routes say about the way to an address.
struct Via {
  LinkIndex link{};
  IpAddr neighbour{};  ///< the gateway, which may be of the other family, or the address itself
  MacAddr source{};    ///< the link's own
  std::uint16_t mtu = 1500;
  bool up = false;
  IpAddr own_address{};  ///< the route's preferred source
  friend bool operator==(const Via&, const Via&) = default;
};

/// What the kernel knows of a neighbour, as far as sending is concerned.
enum class Reach : std::uint8_t {
  Unknown,  ///< no entry, or one that is being asked for
  Failed,   ///< asked for, without an answer
  Stale,    ///< a MAC address that was not confirmed lately
  Good,
};

/// A neighbour to ask the kernel for.
struct Ask {
  LinkIndex link{};
  IpAddr neighbour{};
  friend bool operator==(const Ask&, const Ask&) = default;
};

/// A next hop as it is to be from now on.
struct HopChange {
  NextHopId id{};
  NextHop hop{};
};

/// Decides what the next hops are and when to ask for one: facts in, changes and questions out. The
/// edge (director/io/neighbours.h) reads the kernel and does what is decided here.
///
/// The kernel refreshes a neighbour only for packets that it sends itself, and ours do not pass it.
/// So we ask (NTF_USE) in its place. For an entry that is good, asking marks it as used, and the
/// kernel probes a used entry when its time is over (delay_first_probe_time, 5 s) instead of
/// letting it go stale.
///
/// Each server has a next hop. Clients share theirs: each way back that is different is one, taken
/// from a stock, and all clients behind one router are on one way.
class HopTracker {
 public:
  static constexpr Ticks kAskAgain = seconds_to_ticks(1);   ///< unknown or stale: at most so often
  static constexpr Ticks kStillUsed = seconds_to_ticks(3);  ///< good and in use

  /// A next hop to follow. Two servers behind one gateway have one each.
  void add(NextHopId id, const IpAddr& server);
  /// Next hops for the ways back to clients.
  void add_stock(std::span<const NextHopId> ids);
  /// The next hop of this way back; a new one's neighbour is not known yet. None: the stock is
  /// used up.
  std::optional<NextHopId> way_back(const Via& via);
  /// All ways back go into the stock again.
  void forget_ways_back();

  /// The way to a server; none: there is no route.
  void set_via(NextHopId id, const std::optional<Via>& via);
  void set_neighbour(LinkIndex link, const IpAddr& address, Reach reach, MacAddr mac);
  /// Forgets every neighbour: they are about to be read anew.
  void forget_neighbours();
  /// Frames were meant for this hop.
  void mark_used(NextHopId id);

  /// What to ask for now; each is taken as asked.
  std::vector<Ask> due(Tick now);
  /// Every hop that is not what it was when this was last called.
  std::vector<HopChange> take_changes();

  /// For people: the MAC address, or why there is none.
  std::string describe(NextHopId id) const;
  std::vector<std::pair<NextHopId, IpAddr>> servers() const;

 private:
  struct Hop {
    NextHopId id{};
    std::optional<IpAddr> server;  ///< none: a way back to clients
    std::optional<Via> via;
    Reach reach = Reach::Unknown;
    MacAddr mac{};
    bool wanted = true;  ///< frames were meant for it since it was last asked for
    std::optional<Tick> asked_at;
    NextHop told{};  ///< what take_changes() said last
    bool ever_told = false;
  };
  Hop* find(NextHopId id);
  void put(Hop hop);
  static NextHop as_next_hop(const Hop& hop);
  static bool is_due(const Hop& hop, Tick now);

  std::vector<Hop> hops_;
  std::vector<std::size_t> place_;  // in hops_, plus one, by id
  std::vector<NextHopId> stock_;
};

}  // namespace lvs::director
