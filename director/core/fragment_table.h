#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "director/core/hash.h"
#include "director/core/passage.h"
#include "director/core/records.h"
#include "director/core/verdict.h"
#include "net/base/time.h"
#include "net/wire/addr.h"

namespace lvs::director {

/// What the fragments of one packet have in common (RFC 791, RFC 8200). The protocol is that of the
/// packet; with IPv4 the id has 16 bits.
template <typename Addr>
struct FragmentKey {
  Addr source{};
  Addr destination{};
  std::uint32_t id = 0;
  Protocol protocol{};
  friend constexpr bool operator==(const FragmentKey&, const FragmentKey&) = default;
};

/// What became of a first fragment, and so becomes of those behind it. It is a copy of all that the
/// rewriting needs: the connection may be gone before the last fragment comes.
template <typename Addr>
struct FragmentFate {
  Action action = Action::Forward;       ///< Forward, Local, Kernel or Drop
  DropReason reason = DropReason::None;  ///< Drop
  Passage<Addr> passage{};               ///< Forward
};

/// The first fragments of the last half minute. The table is bounded and made at once: sets of
/// four, of which the oldest gives way. What is too old counts as absent, so nothing needs to be
/// cleaned.
template <typename Addr>
class FragmentTable {
 public:
  static constexpr std::size_t kDefaultSets = 1024;
  static constexpr Ticks kLifetime = seconds_to_ticks(30);

  /// `sets` is a power of two.
  explicit FragmentTable(const HashKey& key, std::size_t sets = kDefaultSets);

  /// nullptr: no first fragment has come. Valid until the next remember().
  const FragmentFate<Addr>* find(const FragmentKey<Addr>& key, Tick now) const;
  /// In place of what was known of this packet: ids come again.
  void remember(const FragmentKey<Addr>& key, const FragmentFate<Addr>& fate, Tick now);

 private:
  struct Entry {
    FragmentKey<Addr> key{};
    FragmentFate<Addr> fate{};
    Tick until{};
    bool in_use = false;

    bool is_alive(Tick now) const { return in_use && now < until; }
  };
  static constexpr std::size_t kWays = 4;
  using Set = std::array<Entry, kWays>;

  std::size_t set_of(const FragmentKey<Addr>& key) const;

  HashKey key_;
  std::vector<Set> sets_;
};

extern template class FragmentTable<Ipv4Addr>;
extern template class FragmentTable<Ipv6Addr>;

}  // namespace lvs::director
