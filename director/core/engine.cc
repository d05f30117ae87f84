#include "director/core/engine.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <utility>

#include "director/core/engine_parts.h"
#include "director/core/wait_key.h"

namespace lvs::director {
namespace {

/// Zero pages that cost nothing until a connection is written to them; operator new would touch
/// all.
TableMemory make_memory(std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): see above
  auto* const memory = static_cast<std::byte*>(std::calloc(size, 1));
  if (memory == nullptr) std::abort();  // out of memory at start-up
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): the counterpart of calloc
  return TableMemory{memory, [](std::byte* given_back) { std::free(given_back); }};
}

std::uint32_t capacity_of(const EngineLimits& limits) {
  return std::max(limits.connections, std::uint32_t{1});
}

SchedulerSetup scheduler_setup(const EngineSettings& settings, std::uint64_t seed) {
  return {.flags = {},
          .seed = seed,
          .lblc_expiration = seconds_to_ticks(settings.lblc_expiration_s),
          .lblcr_expiration = seconds_to_ticks(settings.lblcr_expiration_s)};
}

}  // namespace

Engine::Parts::Parts(const EngineLimits& limits, const EngineSeed& seed,
                     std::span<const SchedulerName> schedulers, Tick now, TableMemory given)
    : memory(given ? std::move(given) : make_memory(Engine::memory_bytes(limits))),
      tables({memory.get(), Engine::memory_bytes(limits)},
             {.connections = capacity_of(limits),
              .key = HashKey{seed.hash_key[0], seed.hash_key[1]},
              .schedulers = schedulers,
              .scheduler = scheduler_setup({}, seed.hash_key[1]),
              .ftp_sessions = std::min(limits.ftp_sessions, capacity_of(limits))}),
      opening{.new_flows = RateLimit(limits.new_flows_per_second, now), .defence = {}},
      answers(limits.answers_per_second, now),
      second_began(now),
      seed_for_chance(seed.hash_key[1]) {}

Engine::Engine(const EngineLimits& limits, const EngineSeed& seed,
               std::span<const SchedulerName> schedulers, Tick now, TableMemory memory)
    : parts_(std::make_unique<Parts>(limits, seed, schedulers, now, std::move(memory))) {}
Engine::~Engine() = default;

std::size_t Engine::memory_bytes(const EngineLimits& limits) {
  return LiveTables::bytes_for(capacity_of(limits));
}

Result<ServiceId> Engine::add_service(const ServiceConfig& config) {
  return parts_->tables.services.add(config);
}
Result<void> Engine::edit_service(const ServiceConfig& config) {
  return parts_->tables.services.edit(config);
}
Result<void> Engine::remove_service(const ServiceKey& key, Tick now) {
  return parts_->tables.services.remove(key, now);
}
Result<ServerId> Engine::add_server(const ServiceKey& service, const ServerConfig& config) {
  return parts_->tables.services.add_server(service, config);
}
Result<void> Engine::edit_server(const ServiceKey& service, const ServerConfig& config) {
  return parts_->tables.services.edit_server(service, config);
}
Result<void> Engine::remove_server(const ServiceKey& service, const IpAddr& address, Port port,
                                   Tick now) {
  return parts_->tables.services.remove_server(service, address, port, now);
}
void Engine::set_marks(std::vector<MarkRule> rules) {
  parts_->tables.services.set_marks(std::move(rules));
}

void Engine::set_settings(const EngineSettings& settings) {
  parts_->opening.settings = settings;
  parts_->tables.services.set_setup(scheduler_setup(settings, parts_->seed_for_chance));
  PathSettings& path = parts_->tables.path_settings;
  path.conn_reuse_mode = static_cast<std::uint8_t>(settings.conn_reuse_mode & 0xff);
  path.pmtu_disc = settings.pmtu_disc;
  parts_->judge_defence();
}

Result<NextHopId> Engine::add_next_hop(const NextHop& hop) {
  return parts_->tables.add_next_hop(hop);
}
void Engine::set_next_hop(NextHopId id, const NextHop& hop) {
  assert(parts_->tables.next_hop(id) != nullptr);
  parts_->tables.set_next_hop(id, hop);
}
const NextHop& Engine::next_hop(NextHopId id) const {
  assert(parts_->tables.next_hop(id) != nullptr);
  return *parts_->tables.next_hop(id);
}

std::vector<IpAddr> Engine::take_wanted_routes() { return parts_->tables.routes.take_wanted(); }
WaitKey Engine::set_route(const IpAddr& client, std::optional<NextHopId> hop) {
  parts_->tables.routes.set(client, hop, parts_->latest);
  return client.is_v4() ? wait_for_route(client.v4()) : wait_for_route(client.v6());
}
void Engine::forget_routes() { parts_->tables.routes.forget(); }

Verdict Engine::process(Frame& frame, Tick now, std::span<std::uint8_t> scratch) {
  parts_->latest = now;
  if (!frame.addressed_to_us) return {.action = Action::Drop, .reason = DropReason::NotForUs};
  const std::optional<wire::EthernetView> ethernet = wire::EthernetView::parse(frame.bytes);
  if (!ethernet) return {.action = Action::Drop, .reason = DropReason::Truncated};
  // Frames of other VLANs are the kernel's; a priority tag is looked through.
  if (ethernet->vlan_id() != 0) return {.action = Action::Kernel};
  if (ethernet->type() == wire::EtherType::Ipv4)
    return parts_->judge_frame(parse_packet<Ipv4Addr>(*ethernet, frame.offload), frame, now,
                               scratch);
  if (ethernet->type() == wire::EtherType::Ipv6)
    return parts_->judge_frame(parse_packet<Ipv6Addr>(*ethernet, frame.offload), frame, now,
                               scratch);
  return {.action = Action::Kernel};
}

void Engine::count(const Verdict& verdict) {
  VerdictCounters& counters = parts_->counters;
  ++counters.received;
  switch (verdict.action) {
    case Action::Forward:
      ++counters.forwarded;
      return;
    case Action::Local:
      ++counters.local;
      return;
    case Action::Kernel:
      ++counters.kernel;
      return;
    case Action::Answer:
      ++counters.answered;
      return;
    case Action::Wait:  // nobody could keep it
    case Action::Drop:
      ++counters.dropped[static_cast<std::size_t>(verdict.reason)];
      return;
  }
}

bool Engine::expire(Tick now, std::size_t limit) {
  parts_->latest = now;
  return parts_->expire(now, limit);
}

const VerdictCounters& Engine::counters() const { return parts_->counters; }
const FtpCounters& Engine::ftp_counters() const { return parts_->tables.ftp.counters; }
std::uint32_t Engine::connection_count() const { return parts_->tables.connection_count(); }

}  // namespace lvs::director
