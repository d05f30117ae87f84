#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "director/core/scheduler/server_roster.h"
#include "net/base/time.h"

namespace lvs::director {

/// The servers of one destination, the one added last first.
struct ServerSet {
  std::uint32_t first = 0;  ///< a position in ServerSets, which start at 1; 0: it is empty
  std::uint32_t size = 0;
  Tick changed_at{};
};

/// The members of all sets of one lblcr, in memory that is reserved when it is made.
class ServerSets {
 public:
  /// Members of all sets together.
  static constexpr std::size_t kCapacity = 131072;

  ServerSets() { members_.reserve(kCapacity); }

  /// False: there is no room.
  bool add(ServerSet& set, ServerRoster::Number number, Tick now);
  void remove(ServerSet& set, ServerRoster::Number number, Tick now);

  void clear(ServerSet& set, Tick now) {
    while (set.first != 0) remove(set, at(set.first).number, now);
  }

  bool has(const ServerSet& set, ServerRoster::Number number) const;
  /// Calls `look(number)` for each, in order.
  template <typename Look>
  void for_each(const ServerSet& set, Look look) const {
    for (std::uint32_t position = set.first; position != 0; position = at(position).next)
      look(at(position).number);
  }

 private:
  struct Member {
    ServerRoster::Number number = 0;
    std::uint32_t next = 0;  // in its set, or of the free ones
  };
  Member& at(std::uint32_t position) { return members_[position - 1]; }
  const Member& at(std::uint32_t position) const { return members_[position - 1]; }

  std::vector<Member> members_;
  std::uint32_t free_ = 0;
};

}  // namespace lvs::director
