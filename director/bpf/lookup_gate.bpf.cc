// A gate, not a product: the half of the engine for existing flows over BPF maps. The build fails
// when lookup.h stops compiling for BPF. What XDP will run begins here.

#include <cstdint>

#include "director/core/lookup.h"

// NOLINTBEGIN: BPF's own world: maps are declared by their shape, helpers are numbers, and names
// are those that the loader looks for

namespace {

using lvs::Ipv4Addr;
using namespace lvs::director;

void* (*const map_lookup)(void*, const void*) = reinterpret_cast<void* (*)(void*, const void*)>(1);
std::uint64_t (*const clock_ns)() = reinterpret_cast<std::uint64_t (*)()>(5);

}  // namespace

struct FlowKey4 {
  lvs::director::FlowKey<lvs::Ipv4Addr> key;
};
struct Connection4 {
  lvs::director::Connection<lvs::Ipv4Addr> record;
};
struct Server4 {
  lvs::director::ServerRecord<lvs::Ipv4Addr> record;
};
struct Service4 {
  lvs::director::ServiceRecord<lvs::Ipv4Addr> record;
};
struct Hop4 {
  lvs::director::NextHopRecord record;
};
struct Traffic {
  std::uint64_t packets;
  std::uint64_t bytes;
};

#define LVS_MAP(symbol, kind, key_type, value_type, entries)   \
  struct symbol##_map {                                        \
    int (*type)[kind];                                         \
    key_type* key;                                             \
    value_type* value;                                         \
    int (*max_entries)[entries];                               \
  };                                                           \
  extern "C" {                                                 \
  __attribute__((section(".maps"), used)) symbol##_map symbol; \
  }

LVS_MAP(flows, 1, FlowKey4, Connection4, 65536)
LVS_MAP(from_servers, 1, FlowKey4, std::uint32_t, 65536)
LVS_MAP(servers, 2, std::uint32_t, Server4, 1024)
LVS_MAP(services, 2, std::uint32_t, Service4, 1024)
LVS_MAP(next_hops, 2, std::uint32_t, Hop4, 1024)
LVS_MAP(traffic, 6, std::uint32_t, Traffic, 1024)

namespace {

/// The tables of lookup.h over these maps. Array entries begin at 0 like ids: entry 0 is none.
struct MapTables {
  Connection<Ipv4Addr>* find(const FlowKey<Ipv4Addr>& key, lvs::Tick now) {
    auto* const found = static_cast<Connection4*>(map_lookup(&flows, &key));
    return found != nullptr && now < found->record.expires_at ? &found->record : nullptr;
  }
  bool is_from_server(const FlowKey<Ipv4Addr>& key, lvs::Tick) {
    return map_lookup(&from_servers, &key) != nullptr;
  }
  ServerRecord<Ipv4Addr>* server(ServerId id) {
    auto* const found = static_cast<Server4*>(map_lookup(&servers, &id.number));
    return found == nullptr ? nullptr : &found->record;
  }
  const ServiceRecord<Ipv4Addr>* service(ServiceId id) {
    auto* const found = static_cast<Service4*>(map_lookup(&services, &id.number));
    return found == nullptr ? nullptr : &found->record;
  }
  const NextHopRecord* next_hop(NextHopId id) {
    auto* const found = static_cast<Hop4*>(map_lookup(&next_hops, &id.number));
    return found == nullptr ? nullptr : &found->record;
  }
  void rearm(Connection<Ipv4Addr>& connection, lvs::Tick at) { connection.expires_at = at; }
  void count_active(ServerRecord<Ipv4Addr>& server) {
    __sync_fetch_and_add(&server.active, 1u);
    __sync_fetch_and_add(&server.inactive, ~0u);
  }
  void count_inactive(ServerRecord<Ipv4Addr>& server) {
    __sync_fetch_and_add(&server.active, ~0u);
    __sync_fetch_and_add(&server.inactive, 1u);
  }
  void count_packet(ServerId id, std::uint32_t bytes) {
    auto* const counted = static_cast<Traffic*>(map_lookup(&traffic, &id.number));
    if (counted == nullptr) return;
    ++counted->packets;
    counted->bytes += bytes;
  }
};
static_assert(Tables<MapTables>);

struct XdpContext {
  std::uint32_t data;
  std::uint32_t data_end;
};
constexpr int kPass = 2, kDrop = 1, kTransmit = 3;

}  // namespace

extern "C" __attribute__((section("xdp"), used)) int lvs_lookup(XdpContext* context) {
  std::uint8_t* const begin =
      reinterpret_cast<std::uint8_t*>(static_cast<std::uintptr_t>(context->data));
  std::uint8_t* const end =
      reinterpret_cast<std::uint8_t*>(static_cast<std::uintptr_t>(context->data_end));
  const Parsed parsed = parse_packet({.bytes = {begin, static_cast<std::size_t>(end - begin)}});
  if (!parsed.packet) return kPass;
  MapTables tables;
  const lvs::Tick now{static_cast<std::uint32_t>(clock_ns() / 10000000)};
  const Step step = lookup(tables, *parsed.packet, now);
  if (step.next == Next::Forward) return kTransmit;
  return step.next == Next::Drop ? kDrop : kPass;
}

extern "C" __attribute__((section("license"), used)) const char lvs_license[] = "Dual MIT/GPL";
// NOLINTEND
