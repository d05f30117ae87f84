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
  lvs::director::ServerRecord record;
};
struct Service4 {
  lvs::director::ServiceRecord record;
};
struct Hop4 {
  lvs::director::NextHopRecord record;
};
struct Settings {
  lvs::director::PathSettings settings;
};
struct Way {
  lvs::director::NextHopId hop;
};
struct PathMtu {
  std::uint16_t mtu;
};
struct Address4 {
  lvs::Ipv4Addr address;
};
struct Traffic {
  std::uint64_t packets_in;
  std::uint64_t bytes_in;
  std::uint64_t packets_out;
  std::uint64_t bytes_out;
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
LVS_MAP(from_servers, 1, FlowKey4, FlowKey4, 65536)
LVS_MAP(servers, 2, std::uint32_t, Server4, 1024)
LVS_MAP(services, 2, std::uint32_t, Service4, 1024)
LVS_MAP(next_hops, 2, std::uint32_t, Hop4, 1024)
LVS_MAP(path_mtus, 2, std::uint32_t, PathMtu, 1024)
LVS_MAP(ways, 1, Address4, Way, 65536)
LVS_MAP(path_settings, 2, std::uint32_t, Settings, 1)
LVS_MAP(traffic, 6, std::uint32_t, Traffic, 1024)

namespace {

constexpr PathSettings kDefaultSettings{};

/// The tables of tables.h over these maps. Array entries begin at 0 like ids: entry 0 is none.
struct MapTables {
  const PathSettings* current = &kDefaultSettings;

  Connection<Ipv4Addr>* find(const FlowKey<Ipv4Addr>& key, lvs::Tick now) {
    auto* const found = static_cast<Connection4*>(map_lookup(&flows, &key));
    return found != nullptr && now < found->record.expires_at ? &found->record : nullptr;
  }
  Connection<Ipv4Addr>* find_from_server(const FlowKey<Ipv4Addr>& key, lvs::Tick now) {
    auto* const client = static_cast<FlowKey4*>(map_lookup(&from_servers, &key));
    return client == nullptr ? nullptr : find(client->key, now);
  }
  ServerRecord* server(ServerId id) {
    auto* const found = static_cast<Server4*>(map_lookup(&servers, &id.number));
    return found == nullptr ? nullptr : &found->record;
  }
  const ServiceRecord* service(ServiceId id) {
    auto* const found = static_cast<Service4*>(map_lookup(&services, &id.number));
    return found == nullptr ? nullptr : &found->record;
  }
  const NextHopRecord* next_hop(NextHopId id) {
    const std::uint32_t number = id.number;
    auto* const found = static_cast<Hop4*>(map_lookup(&next_hops, &number));
    return found == nullptr ? nullptr : &found->record;
  }
  std::uint16_t path_mtu(NextHopId id, lvs::Tick) {
    const std::uint32_t number = id.number;
    auto* const found = static_cast<PathMtu*>(map_lookup(&path_mtus, &number));
    return found == nullptr ? std::uint16_t{0} : found->mtu;
  }
  WayBack way_back(const Ipv4Addr& client, lvs::Tick) {
    auto* const found = static_cast<Way*>(map_lookup(&ways, &client));
    return found == nullptr ? WayBack{} : WayBack{true, found->hop};
  }
  const PathSettings& settings() const { return *current; }
  std::uint16_t next_packet_id() { return static_cast<std::uint16_t>(clock_ns() >> 10); }
  void rearm(Connection<Ipv4Addr>& connection, lvs::Tick at) { connection.expires_at = at; }
  void count_active(ServerId id) { count_change(id, 1u, ~0u); }
  void count_inactive(ServerId id) { count_change(id, ~0u, 1u); }
  void count_in(ServerId id, std::uint32_t bytes) {
    auto* const counted = static_cast<Traffic*>(map_lookup(&traffic, &id.number));
    if (counted == nullptr) return;
    ++counted->packets_in;
    counted->bytes_in += bytes;
  }
  void count_out(ServerId id, std::uint32_t bytes) {
    auto* const counted = static_cast<Traffic*>(map_lookup(&traffic, &id.number));
    if (counted == nullptr) return;
    ++counted->packets_out;
    counted->bytes_out += bytes;
  }
  void assure(Connection<Ipv4Addr>&) {}

 private:
  void count_change(ServerId id, std::uint32_t active, std::uint32_t inactive) {
    auto* const found = static_cast<Server4*>(map_lookup(&servers, &id.number));
    if (found == nullptr) return;
    __sync_fetch_and_add(&found->record.active, active);
    __sync_fetch_and_add(&found->record.inactive, inactive);
  }
};
static_assert(Tables<MapTables, Ipv4Addr>);

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
  Frame frame{.bytes = {begin, static_cast<std::size_t>(end - begin)}};
  const auto ethernet = lvs::wire::EthernetView::parse(frame.bytes);
  if (!ethernet || ethernet->type() != lvs::wire::EtherType::Ipv4) return kPass;
  const Parsed<Ipv4Addr> parsed = parse_packet<Ipv4Addr>(*ethernet, frame.offload);
  if (!parsed.packet) return kPass;
  MapTables tables;
  const std::uint32_t first = 0;
  if (auto* const found = static_cast<Settings*>(map_lookup(&path_settings, &first)))
    tables.current = &found->settings;
  const lvs::Tick now{static_cast<std::uint32_t>(clock_ns() / 10000000)};
  const Found<Ipv4Addr> found = lookup(tables, *parsed.packet, frame, now);
  if (found.step.next == Next::Forward) return kTransmit;
  return found.step.next == Next::Drop ? kDrop : kPass;
}

extern "C" __attribute__((section("license"), used)) const char lvs_license[] = "Dual MIT/GPL";
// NOLINTEND
