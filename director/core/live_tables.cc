#include "director/core/live_tables.h"

#include <algorithm>
#include <limits>

#include "director/core/packet.h"

namespace lvs::director {
namespace {

/// How long what controls others stays each time its own time is over.
constexpr Ticks kWhileControlling = seconds_to_ticks(60);

template <typename Addr>
ServiceTable::Load load_of(const Connection<Addr>& connection) {
  if (connection.is_template()) return ServiceTable::Load::Template;
  const bool inactive = (connection.flags & connection_flag::kInactive) != 0;
  return inactive ? ServiceTable::Load::Inactive : ServiceTable::Load::Active;
}

/// What nobody needs once the last that it controlled was forced out.
template <typename Addr>
bool is_dispensable(const Connection<Addr>& connection) {
  if (controls_others(connection)) return false;
  return !connection.is_template() || (connection.flags & connection_flag::kAssured) == 0;
}

}  // namespace

LiveTables::LiveTables(std::span<std::byte> memory, const Setup& setup)
    : services(setup.schedulers, setup.scheduler),
      routes(setup.key),
      ftp(setup.ftp_sessions),
      capacity_(setup.connections),
      connections4_(memory.first(ipv4_bytes(setup.connections)), setup.connections, setup.key),
      connections6_(memory.subspan(ipv4_bytes(setup.connections)), setup.connections, setup.key),
      fragments4_(setup.key),
      fragments6_(setup.key),
      packet_id_(static_cast<std::uint16_t>(setup.key.second)) {}

std::uint16_t LiveTables::path_mtu(NextHopId id, Tick now) {
  const std::uint16_t learnt = path_mtus.find(id, now);
  const NextHopRecord* const hop = next_hop(id);
  return hop != nullptr && learnt < hop->mtu ? learnt : std::uint16_t{0};
}

void LiveTables::count_active(ServerId id) {
  services.change(id, ServiceTable::Load::Inactive, ServiceTable::Load::Active);
}
void LiveTables::count_inactive(ServerId id) {
  services.change(id, ServiceTable::Load::Active, ServiceTable::Load::Inactive);
}

template <typename Count>
void LiveTables::count(ServerId id, Count add) {
  add(services.server_counters(id));
  if (Service* const of = services.service(services.server(id)->service)) add(of->counters);
}

void LiveTables::count_in(ServerId id, std::uint32_t bytes) {
  count(id, [bytes](FlowCounters& counters) {
    ++counters.packets_in;
    counters.bytes_in += bytes;
  });
}
void LiveTables::count_out(ServerId id, std::uint32_t bytes) {
  count(id, [bytes](FlowCounters& counters) {
    ++counters.packets_out;
    counters.bytes_out += bytes;
  });
}
void LiveTables::count_opened(ServerId id) {
  count(id, [](FlowCounters& counters) { ++counters.connections; });
}

template <typename Addr>
Connection<Addr>* LiveTables::parent_of(const Connection<Addr>& connection) {
  if ((connection.flags & connection_flag::kControlled) == 0) return nullptr;
  return connections<Addr>().at(connection.control);
}

template <typename Addr>
void LiveTables::assure(Connection<Addr>& connection) {
  Connection<Addr>* const parent = parent_of(connection);
  if (parent != nullptr && parent->is_template()) parent->flags |= connection_flag::kAssured;
}

template <typename Addr>
Connection<Addr>* LiveTables::open(const Connection<Addr>& wanted, Tick now) {
  ConnectionTable<Addr>& table = connections<Addr>();
  while (Connection<Addr>* const over = table.expired_holder(wanted, now)) end(*over);
  if (is_full()) return nullptr;
  Connection<Addr>* const opened = table.insert(wanted, now);
  if (opened != nullptr) services.bind(opened->server, load_of(*opened));
  return opened;
}

template <typename Addr>
void LiveTables::attach(Connection<Addr>& child, Connection<Addr>& parent) {
  // A record has room for one link, so nothing controls others and is controlled itself.
  Connection<Addr>* const above = parent_of(parent);
  Connection<Addr>& controls = above != nullptr ? *above : parent;
  ++controls.control;
  child.control = connections<Addr>().position_of(controls);
  child.flags |= connection_flag::kControlled;
}

template <typename Addr>
void LiveTables::keep(Connection<Addr>& connection, Tick from) {
  if (connection.is_template()) connection.next_by_server = kWhileControlling.number;
  rearm(connection, from + kWhileControlling);
}

/// Takes it out of everything; returns what controlled it.
template <typename Addr>
Connection<Addr>* LiveTables::take_out(Connection<Addr>& connection) {
  Connection<Addr>* const parent = parent_of(connection);
  if (parent != nullptr) --parent->control;
  services.unbind(connection.server, load_of(connection));
  if ((connection.flags & connection_flag::kHelped) != 0)
    ftp.remove(FamilyTraits<Addr>::kFamily, connections<Addr>().position_of(connection));
  connections<Addr>().erase(connection);
  return parent;
}

template <typename Addr>
void LiveTables::end(Connection<Addr>& connection) {
  if (controls_others(connection)) return keep(connection, connection.expires_at);
  take_out(connection);
}

template <typename Addr>
void LiveTables::force_out(Connection<Addr>& connection, Tick now) {
  if (controls_others(connection)) return keep(connection, now);
  Connection<Addr>* const parent = take_out(connection);
  if (parent != nullptr && is_dispensable(*parent)) take_out(*parent);
}

template <typename Addr>
void LiveTables::give_way(Connection<Addr>& connection) {
  if (controls_others(connection)) return connections<Addr>().retire(connection);
  take_out(connection);
}

template <typename Addr>
bool LiveTables::expire_of(Tick now, std::size_t limit) {
  while (Connection<Addr>* const over = connections<Addr>().next_expired(now, limit)) end(*over);
  return limit == 0;
}

bool LiveTables::expire(Tick now, std::size_t limit) {
  const bool more4 = expire_of<Ipv4Addr>(now, limit);
  const bool more6 = expire_of<Ipv6Addr>(now, limit);
  return more4 || more6;
}

Result<NextHopId> LiveTables::add_next_hop(const NextHop& hop) {
  if (next_hops_.size() >= std::numeric_limits<std::uint16_t>::max())
    return fail("there are 65535 next hops already");
  next_hops_.push_back(hop);
  path_mtus.make_room(next_hops_.size());
  return NextHopId{static_cast<std::uint16_t>(next_hops_.size())};
}

void LiveTables::set_next_hop(NextHopId id, const NextHop& hop) {
  NextHop& changed = next_hops_[id.number - 1u];
  // Another neighbour is another way; the same one with a new address is not.
  if (changed.link != hop.link || changed.mtu != hop.mtu) path_mtus.forget(id);
  changed = hop;
}

template Connection<Ipv4Addr>* LiveTables::parent_of(const Connection<Ipv4Addr>&);
template Connection<Ipv6Addr>* LiveTables::parent_of(const Connection<Ipv6Addr>&);
template void LiveTables::assure(Connection<Ipv4Addr>&);
template void LiveTables::assure(Connection<Ipv6Addr>&);
template Connection<Ipv4Addr>* LiveTables::open(const Connection<Ipv4Addr>&, Tick);
template Connection<Ipv6Addr>* LiveTables::open(const Connection<Ipv6Addr>&, Tick);
template void LiveTables::attach(Connection<Ipv4Addr>&, Connection<Ipv4Addr>&);
template void LiveTables::attach(Connection<Ipv6Addr>&, Connection<Ipv6Addr>&);
template void LiveTables::end(Connection<Ipv4Addr>&);
template void LiveTables::end(Connection<Ipv6Addr>&);
template void LiveTables::force_out(Connection<Ipv4Addr>&, Tick);
template void LiveTables::force_out(Connection<Ipv6Addr>&, Tick);
template void LiveTables::give_way(Connection<Ipv4Addr>&);
template void LiveTables::give_way(Connection<Ipv6Addr>&);

}  // namespace lvs::director
