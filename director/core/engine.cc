#include "director/core/engine.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdlib>

#include "director/core/engine_parts.h"

namespace lvs::director {
namespace {

/// Zero pages that cost nothing until a connection is written to them; operator new would touch
/// all.
Memory make_memory(std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-no-malloc): see above
  auto* const memory = static_cast<std::byte*>(std::calloc(size, 1));
  if (memory == nullptr) std::abort();  // out of memory at start-up
  return Memory{memory};
}

/// How each answerable step is told to the client, and what it is when it may not be told.
constexpr std::array kAnswers{
    AnswerKind{Next::NoConnection, DropReason::NoConnection, {}},
    AnswerKind{Next::NoServer,
               DropReason::NoServer,
               {wire::IcmpType::Unreachable, wire::icmp_code::kPortUnreachable, 0}},
    AnswerKind{Next::TtlExceeded,
               DropReason::TtlExpired,
               {wire::IcmpType::TimeExceeded, wire::icmp_code::kTtlExceeded, 0}},
    AnswerKind{Next::TooBig,
               DropReason::TooBig,
               {wire::IcmpType::Unreachable, wire::icmp_code::kFragmentationNeeded, 0}},
};

constexpr Verdict drop(DropReason reason) { return {Action::Drop, reason, {}, 0}; }

}  // namespace

Engine::Parts::Parts(const EngineLimits& limits, const EngineSeed& seed,
                     std::span<const SchedulerName> schedulers, Tick now)
    : capacity(std::max(limits.connections, std::uint32_t{1})),
      memory(make_memory(ConnectionTable<Ipv4Addr>::bytes_for(capacity))),
      tables{{{memory.get(), ConnectionTable<Ipv4Addr>::bytes_for(capacity)},
              capacity,
              HashKey{seed.hash_key[0], seed.hash_key[1]}},
             ServiceTable{schedulers},
             {}},
      new_flows(limits.new_flows_per_second, now),
      answers(limits.answers_per_second, now) {}

Step Engine::Parts::judge(const Packet& packet, Tick now) {
  const Step step = lookup(tables, packet, now);
  const bool undecided =
      step.next == Next::Schedule || step.next == Next::Replace || step.next == Next::Discard;
  return undecided ? decide(tables, new_flows, packet, step, now) : step;
}

Verdict Engine::Parts::refuse(const Refusal& refusal) const {
  if (refusal.only_for_services && !tables.services.has_vip(refusal.protocol, refusal.destination))
    return {Action::Kernel, DropReason::None, {}, 0};
  return {refusal.action, refusal.reason, {}, 0};
}

Verdict Engine::Parts::carry_out(const Step& step, const Packet& packet, Tick now,
                                 std::span<std::uint8_t> scratch) {
  if (step.next == Next::Forward) return {Action::Forward, DropReason::None, step.next_hop, 0};
  if (step.next == Next::Local) return {Action::Local, DropReason::None, {}, 0};
  if (step.next == Next::Kernel) return {Action::Kernel, DropReason::None, {}, 0};
  const auto* const kind = std::ranges::find(kAnswers, step.next, &AnswerKind::next);
  if (kind == kAnswers.end()) return {Action::Drop, step.reason, step.next_hop, 0};
  return answer(*kind, step, packet, now, scratch);
}

Verdict Engine::Parts::answer(const AnswerKind& kind, const Step& step, const Packet& packet,
                              Tick now, std::span<std::uint8_t> scratch) {
  // Only the sender can make a packet smaller, and only when it forbade others to cut it.
  const bool helps = kind.next != Next::TooBig || !packet.ip.may_be_fragmented();
  if (!helps || !may_be_answered(packet) || !answers.take(now)) return drop(kind.reason);
  assert(scratch.size() >= kAnswerBytes);
  if (kind.next == Next::NoConnection)
    return {Action::Answer,
            DropReason::None,
            {},
            static_cast<std::uint16_t>(make_reset(packet, scratch))};
  IcmpError error = kind.icmp;
  if (kind.next == Next::TooBig) error.mtu = tables.next_hop(step.next_hop)->mtu;
  return {Action::Answer,
          DropReason::None,
          {},
          static_cast<std::uint16_t>(make_icmp_error(packet, error, scratch))};
}

/// Ends connections whose server was removed from a service with expire_nodest_conn. True when some
/// may be left.
bool Engine::Parts::sweep_condemned(std::size_t& limit) {
  if (!tables.services.has_condemned_connections()) {
    sweep_from = 1;
    return false;
  }
  for (; limit > 0 && sweep_from <= tables.connections.last_position(); --limit, ++sweep_from) {
    Connection<Ipv4Addr>* const connection = tables.connections.at(sweep_from);
    if (connection == nullptr) continue;
    if ((tables.server(connection->server)->flags & server_flag::kCondemned) != 0)
      tables.end(*connection);
  }
  if (sweep_from > tables.connections.last_position()) sweep_from = 1;
  return tables.services.has_condemned_connections();
}

Engine::Engine(const EngineLimits& limits, const EngineSeed& seed,
               std::span<const SchedulerName> schedulers, Tick now)
    : parts_(std::make_unique<Parts>(limits, seed, schedulers, now)) {}
Engine::~Engine() = default;

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
Result<void> Engine::remove_server(const ServiceKey& service, Ipv4Addr address, Port port,
                                   Tick now) {
  return parts_->tables.services.remove_server(service, address, port, now);
}

NextHopId Engine::add_next_hop(const NextHop& hop) {
  parts_->tables.next_hops.push_back(hop);
  return NextHopId{static_cast<std::uint32_t>(parts_->tables.next_hops.size())};
}
void Engine::set_next_hop(NextHopId id, const NextHop& hop) {
  assert(parts_->tables.next_hop(id) != nullptr);
  parts_->tables.next_hops[id.number - 1] = hop;
}
const NextHop& Engine::next_hop(NextHopId id) const {
  assert(parts_->tables.next_hop(id) != nullptr);
  return *parts_->tables.next_hop(id);
}

Verdict Engine::process(const Frame& frame, Tick now, std::span<std::uint8_t> scratch) {
  const Parsed parsed = parse_packet(frame);
  if (!parsed.packet) return parts_->refuse(parsed.refusal);
  // Without a service IPVS sees no packet: those of old connections are the host's too (facts 2.2).
  if (parts_->tables.services.is_empty()) return {Action::Kernel, DropReason::None, {}, 0};
  const Step step = parts_->judge(*parsed.packet, now);
  return parts_->carry_out(step, *parsed.packet, now, scratch);
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
    case Action::Drop:
      ++counters.dropped[static_cast<std::size_t>(verdict.reason)];
      return;
  }
}

bool Engine::expire(Tick now, std::size_t limit) {
  LiveTables& tables = parts_->tables;
  std::size_t left = limit;
  while (Connection<Ipv4Addr>* const expired = tables.connections.next_expired(now, left))
    tables.end(*expired);
  const bool more = left == 0;
  std::size_t sweep_left = limit;  // its own, so that neither starves the other
  const bool condemned_left = parts_->sweep_condemned(sweep_left);
  tables.services.collect(now);
  return more || condemned_left;
}

const VerdictCounters& Engine::counters() const { return parts_->counters; }
std::uint32_t Engine::connection_count() const { return parts_->tables.connections.size(); }

}  // namespace lvs::director
