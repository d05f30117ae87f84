#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "director/core/hash.h"
#include "director/core/ids.h"
#include "director/core/records.h"
#include "director/core/tables.h"
#include "net/base/time.h"
#include "net/wire/addr.h"

namespace lvs::director {

/// The ways back to clients, for replies of `nat` servers: what the kernel said when it was asked,
/// by address, also that it knows none. Bounded and made at once: sets of four, of which the one
/// that was used longest ago gives way.
///
/// An address that is not known is noted for the carrier to ask about, once; again only when it is
/// asked for later than a second after, because then the answer was lost.
class RouteCache {
 public:
  static constexpr std::size_t kDefaultSets = 16384;
  /// Addresses that may be noted between two calls of take_wanted().
  static constexpr std::size_t kWanted = 1024;

  /// `sets` is a power of two.
  explicit RouteCache(const HashKey& key, std::size_t sets = kDefaultSets);

  WayBack find(const IpAddr& client, Tick now);
  /// No id: the kernel has no route.
  void set(const IpAddr& client, std::optional<NextHopId> hop, Tick now);
  /// Forgets everything, because the kernel's routes changed. What was noted is asked anew.
  void forget();
  /// What is to be asked; each address is told once.
  std::vector<IpAddr> take_wanted();

 private:
  enum class State : std::uint8_t { Free, Asked, Known };
  struct Entry {
    MappedAddr client{};
    Tick used_at{};  ///< Asked: when it was noted
    NextHopId hop{};
    State state = State::Free;
  };
  static constexpr std::size_t kWays = 4;
  using Set = std::array<Entry, kWays>;

  Set& set_of(const MappedAddr& client);
  static Entry& room_for(Set& set, const MappedAddr& client);
  void note(Entry& entry, const MappedAddr& client, Tick now);

  HashKey key_;
  std::vector<Set> sets_;
  std::vector<MappedAddr> wanted_;  ///< never grows
};

}  // namespace lvs::director
