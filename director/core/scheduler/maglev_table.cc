#include "director/core/scheduler/maglev_table.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "director/core/hash.h"
#include "director/core/scheduler/address_hash.h"

namespace lvs::director {
namespace {

// Both words of each key. They are no secret: directors that share clients must agree.
constexpr std::uint64_t kFirstKey = 2654435761;
constexpr std::uint64_t kSecondKey = 2654446892;

constexpr std::uint16_t kFree = 0xffff;
/// Weights above 64 times the common divisor are halved until they are not.
constexpr int kTurnBits = 6;

/// One server's claims.
struct Claimant {
  std::uint32_t turns = 0;  ///< slots a round
  std::size_t next = 0;     ///< the slot that it asks for next
  std::size_t skip = 0;     ///< from one slot of its permutation to the next
};

struct Turns {
  std::uint32_t divisor = 0;  ///< of all weights; 0: there is none
  int halvings = 0;

  std::uint32_t of(std::uint32_t weight) const {
    if (weight == 0) return 0;
    return std::max(weight / divisor >> halvings, 1u);
  }
};

Turns turns_in(const ServerList& servers) {
  Turns turns;
  std::uint32_t greatest = 0;
  for (std::size_t seat = 0; seat < servers.size(); ++seat) {
    turns.divisor = std::gcd(turns.divisor, servers[seat].last_weight);
    greatest = std::max(greatest, servers[seat].last_weight);
  }
  if (turns.divisor == 0) return turns;
  const auto bits = static_cast<int>(std::bit_width(greatest / turns.divisor));
  turns.halvings = std::max(0, bits - kTurnBits);
  return turns;
}

/// SipHash-1-3 of four bytes, cut to 32 bits: hsiphash on a 64-bit kernel.
std::uint32_t hash_with(std::uint64_t key, std::uint32_t value) {
  detail::SipState state{key ^ 0x736f6d6570736575, key ^ 0x646f72616e646f6d,
                         key ^ 0x6c7967656e657261, key ^ 0x7465646279746573};
  state.absorb(std::uint64_t{sizeof(value)} << 56 | value);
  state.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) state.round();
  return static_cast<std::uint32_t>(state.v0 ^ state.v1 ^ state.v2 ^ state.v3);
}

Claimant claimant_of(const ServerRecord& server, const Turns& turns) {
  const std::uint32_t value = folded(server.address.address()) + server.port.number;
  return {.turns = turns.of(server.last_weight),
          .next = hash_with(kFirstKey, value) % MaglevTable::kSlots,
          .skip = hash_with(kSecondKey, value) % (MaglevTable::kSlots - 1) + 1};
}

}  // namespace

std::size_t MaglevTable::slot_of(std::uint32_t value) {
  return hash_with(kFirstKey, value) % kSlots;
}

void MaglevTable::fill(const ServerList& all) {
  const ServerList servers = all.first(std::min(all.size(), kSlots));
  const Turns turns = turns_in(servers);
  seats_.clear();
  if (turns.divisor == 0) return;
  seats_.assign(kSlots, kFree);

  std::vector<Claimant> claimants;
  claimants.reserve(servers.size());
  for (std::size_t seat = 0; seat < servers.size(); ++seat)
    claimants.push_back(claimant_of(servers[seat], turns));

  std::size_t free = kSlots;
  const auto claim = [&](std::size_t seat) {
    Claimant& claimant = claimants[seat];
    while (seats_[claimant.next] != kFree) claimant.next = (claimant.next + claimant.skip) % kSlots;
    seats_[claimant.next] = static_cast<std::uint16_t>(seat);
  };
  for (std::size_t seat = servers.size(); free != 0; --seat) {
    if (seat == 0) seat = servers.size();
    const std::size_t claims = std::min(std::size_t{claimants[seat - 1].turns}, free);
    for (std::size_t claimed = 0; claimed < claims; ++claimed) claim(seat - 1);
    free -= claims;
  }
}

}  // namespace lvs::director
