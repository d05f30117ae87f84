#include "director/core/decide.h"

#include <optional>

namespace lvs::director {
namespace {

constexpr Port kFtpData{20};  // never scheduled: facts of IPVS, 2.2

/// Only the SYN bit counts, so that SYN and ACK of active FTP begin a flow too.
bool may_open(const Packet& packet) {
  if (packet.transport.source_port() == kFtpData) return false;
  if (!packet.transport.is_tcp()) return true;
  return packet.transport.has_flag(wire::tcp_flag::kSyn) &&
         !packet.transport.has_flag(wire::tcp_flag::kRst);
}

/// What the host itself would say at a port that nobody listens on.
Step refuse_opening(const Packet& packet) {
  return {packet.transport.is_tcp() ? Next::NoConnection : Next::NoServer};
}

Connection<Ipv4Addr> make_connection(const Packet& packet, ServerId id,
                                     const ServerRecord<Ipv4Addr>& server, Tick now) {
  const bool answers_pass_here = server.method == ForwardMethod::Masq;
  return {.client = packet.ip.source(),
          .vip = packet.ip.destination(),
          .server_address = server.address,
          .server = id,
          .next_hop = server.next_hop,
          .expires_at = now + kUntilFirstState,
          .client_port = packet.transport.source_port(),
          .vip_port = packet.transport.destination_port(),
          .server_port = server.port,
          .protocol = packet.transport.protocol(),
          .method = server.method,
          .flags = static_cast<std::uint8_t>(
              connection_flag::kInactive |
              (answers_pass_here ? std::uint8_t{0} : connection_flag::kNoOutput))};
}

/// The new connection, counted; nullptr when one of its keys is taken.
Connection<Ipv4Addr>* open(LiveTables& tables, Service& service, const Packet& packet, ServerId id,
                           Tick now) {
  const Connection<Ipv4Addr> wanted = make_connection(packet, id, *tables.server(id), now);
  while (Connection<Ipv4Addr>* const expired = tables.connections.expired_holder(wanted, now))
    tables.end(*expired);
  Connection<Ipv4Addr>* const opened = tables.connections.insert(wanted, now);
  if (opened == nullptr) return nullptr;
  tables.services.bind(id, true);
  ++tables.services.server_counters(id).connections;
  ++service.counters.connections;
  return opened;
}

}  // namespace

Step decide(LiveTables& tables, RateLimit& new_flows, const Packet& packet, const Step& found,
            Tick now) {
  Connection<Ipv4Addr>* replaced = nullptr;
  if (found.next == Next::Discard) tables.end(*found.connection);
  if (found.next == Next::Replace) {
    // It ends with the next tick whatever comes of this packet, but until its successor's server is
    // chosen it counts in the figures (facts of IPVS, 1.1 and 2.11).
    replaced = found.connection;
    tables.rearm(*replaced, now + Ticks{1});
  }

  const std::optional<ServiceId> id = tables.services.find(
      {packet.transport.protocol(), packet.ip.destination(), packet.transport.destination_port()});
  if (!id) return {Next::Kernel};
  if (!may_open(packet)) return refuse_opening(packet);
  if (replaced == nullptr && tables.connections.is_full())
    return {Next::Drop, DropReason::TableFull};
  if (!new_flows.take(now)) return {Next::Drop, DropReason::NewFlowLimit};

  Service& service = *tables.services.service(*id);
  const std::optional<ServerId> server = tables.services.schedule(service, packet.key());
  if (!server) return {Next::NoServer};
  if (replaced != nullptr) tables.end(*replaced);
  Connection<Ipv4Addr>* const opened = open(tables, service, packet, *server, now);
  if (opened == nullptr) return {Next::Drop, DropReason::TableFull};
  return follow(tables, *opened, *tables.server(*server), packet, now);
}

}  // namespace lvs::director
