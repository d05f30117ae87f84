#include <algorithm>
#include <bit>
#include <numeric>
#include <optional>

#include "tests/support/ipvs_model/scheduler.h"

// dh and sh (facts 1.4), mh (facts 1.5). The tables are made anew at each change, slot by slot.

namespace lvs::test {
namespace {

using director::SchedulerFlags;

/// IPv6: the exclusive or of the four words.
std::uint32_t folded(const IpAddr& address) {
  if (address.is_v4()) return address.v4().number();
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 16; ++i)
    number ^= std::uint32_t{address.v6().octets()[i]} << (24 - 8 * (i % 4));
  return number;
}

std::uint32_t hash8(std::uint32_t value) { return (value * 0x61C88647u) >> 24; }

class DestinationHash : public ModelScheduler {
 public:
  explicit DestinationHash(const ServerPointers& list) { build(list); }
  ServerPointer pick(const ServerPointers&, const ModelPacket& packet, SchedulerFlags) override {
    const ServerPointer& server = buckets_[hash8(folded(packet.destination))];
    return server != nullptr && server->takes_new() ? server : nullptr;
  }
  void changed(const ServerPointers& list, ListChange change) override {
    if (change != ListChange::Edited) build(list);
  }

 private:
  void build(const ServerPointers& list) {
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      buckets_[i] = list.empty() ? nullptr : list[i % list.size()];
  }
  ServerPointers buckets_{256};
};

class SourceHash : public ModelScheduler {
 public:
  explicit SourceHash(const ServerPointers& list) { build(list); }
  ServerPointer pick(const ServerPointers&, const ModelPacket& packet,
                     SchedulerFlags flags) override {
    const std::uint32_t key =
        folded(packet.source) + (flags.hashes_port() ? packet.source_port.number : 0u);
    const std::uint32_t first = hash8(key) & 255u;
    if (buckets_[first] == nullptr) return nullptr;
    if (buckets_[first]->takes_new()) return buckets_[first];
    if (!flags.falls_back()) return nullptr;
    for (std::uint32_t offset = 0; offset < 256; ++offset) {
      const ServerPointer& server = buckets_[((offset + first) % 256 + hash8(key)) & 255u];
      if (server == nullptr || server->takes_new()) return server;
    }
    return nullptr;
  }
  void changed(const ServerPointers& list, ListChange) override { build(list); }

 private:
  void build(const ServerPointers& list) {
    ServerPointers tile;
    for (const ServerPointer& server : list)
      tile.insert(tile.end(), std::max(server->config.weight, 1u), server);
    for (std::size_t i = 0; i < buckets_.size(); ++i)
      buckets_[i] = tile.empty() ? nullptr : tile[i % tile.size()];
  }
  ServerPointers buckets_{256};
};

/// SipHash-1-3 (Aumasson and Bernstein) of four bytes with a key of twice the same word, cut to 32
/// bits.
std::uint32_t siphash13(std::uint32_t value, std::uint64_t word) {
  std::uint64_t a = 0x736f6d6570736575 ^ word;
  std::uint64_t b = 0x646f72616e646f6d ^ word;
  std::uint64_t c = 0x6c7967656e657261 ^ word;
  std::uint64_t d = 0x7465646279746573 ^ word;
  const auto round = [&] {
    a += b, b = std::rotl(b, 13) ^ a, a = std::rotl(a, 32);
    c += d, d = std::rotl(d, 16) ^ c;
    a += d, d = std::rotl(d, 21) ^ a;
    c += b, b = std::rotl(b, 17) ^ c, c = std::rotl(c, 32);
  };
  const std::uint64_t block = std::uint64_t{4} << 56 | value;
  d ^= block;
  round();
  a ^= block;
  c ^= 0xff;
  for (int i = 0; i < 3; ++i) round();
  return static_cast<std::uint32_t>(a ^ b ^ c ^ d);
}

constexpr std::uint32_t kMaglevSize = 4093;
constexpr int kMaglevIndex = 12;

std::uint32_t first_hash(const IpAddr& address, std::uint32_t port, std::uint32_t offset) {
  return siphash13(offset + port + folded(address), 2654435761u);
}
std::uint32_t second_hash(const IpAddr& address, std::uint32_t port) {
  return siphash13(port + folded(address), 2654446892u);
}

class Maglev : public ModelScheduler {
 public:
  explicit Maglev(const ServerPointers& list) { build(list); }
  ServerPointer pick(const ServerPointers&, const ModelPacket& packet,
                     SchedulerFlags flags) override {
    const std::uint32_t port = flags.hashes_port() ? packet.source_port.number : 0u;
    const std::uint32_t slot = first_hash(packet.source, port, 0) % kMaglevSize;
    if (slots_[slot] == nullptr) return nullptr;
    if (slots_[slot]->takes_new()) return slots_[slot];
    if (!flags.falls_back()) return nullptr;
    for (std::uint32_t offset = 0; offset < kMaglevSize; ++offset) {
      const std::uint32_t again = (offset + slot) % kMaglevSize;
      const ServerPointer& server = slots_[first_hash(packet.source, port, again) % kMaglevSize];
      if (server == nullptr || server->takes_new()) return server;
    }
    return nullptr;
  }
  void changed(const ServerPointers& list, ListChange) override { build(list); }

 private:
  struct Claim {
    ServerPointer server;
    std::uint32_t next = 0;
    std::uint32_t skip = 0;
    std::uint32_t turns = 0;
  };
  static std::vector<Claim> claims_of(const ServerPointers& list) {
    std::uint32_t divisor = 0;
    std::uint32_t greatest = 0;
    for (const ServerPointer& server : list) {
      divisor = std::gcd(divisor, server->last_weight);
      greatest = std::max(greatest, server->last_weight);
    }
    std::vector<Claim> claims;
    if (divisor == 0) return claims;
    const int shift =
        std::max(0, static_cast<int>(std::bit_width(greatest / divisor)) - kMaglevIndex / 2);
    for (const ServerPointer& server : list) {
      if (server->last_weight == 0) continue;
      const IpAddr& address = server->config.address;
      const std::uint32_t port = server->config.port.number;
      claims.push_back({server, first_hash(address, port, 0) % kMaglevSize,
                        second_hash(address, port) % (kMaglevSize - 1) + 1,
                        std::max(1u, server->last_weight / divisor >> shift)});
    }
    return claims;
  }
  void build(const ServerPointers& list) {
    slots_.assign(kMaglevSize, nullptr);
    std::vector<Claim> claims = claims_of(list);
    std::uint32_t free = claims.empty() ? 0 : kMaglevSize;
    while (free > 0) {
      for (Claim& claim : claims)
        for (std::uint32_t turn = 0; turn < claim.turns && free > 0; ++turn, --free) {
          while (slots_[claim.next] != nullptr)
            claim.next = (claim.next + claim.skip) % kMaglevSize;
          slots_[claim.next] = claim.server;
        }
    }
  }
  ServerPointers slots_;
};

}  // namespace

std::unique_ptr<ModelScheduler> make_hashing_scheduler(const std::string& name,
                                                       const ServerPointers& list) {
  if (name == "dh") return std::make_unique<DestinationHash>(list);
  if (name == "sh") return std::make_unique<SourceHash>(list);
  if (name == "mh") return std::make_unique<Maglev>(list);
  return nullptr;
}

}  // namespace lvs::test
