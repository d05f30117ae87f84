#include "director/core/real_server.h"

#include "director/core/lookup.h"
#include "director/core/new_connection.h"

namespace lvs::director {
namespace {

struct RealServer {
  const Service* service = nullptr;
  ServerId id{};
};

/// Looks at every server: only packets of no connection and no service come here, and only where a
/// setting asks for it.
template <typename Wanted>
std::optional<RealServer> find_real_server(LiveTables& tables, const Wanted& is_wanted,
                                           const IpAddr& address, Port port) {
  const MappedAddr mapped{address};
  for (const auto& [key, service_id] : tables.services.index()) {
    const Service& service = *tables.services.service(service_id);
    if (!is_wanted(service)) continue;
    for (const ServerId id : service.seats) {
      const ServerRecord& server = *tables.server(id);
      if (server.method == ForwardMethod::Masq && server.port == port && server.address == mapped)
        return RealServer{&service, id};
    }
  }
  return std::nullopt;
}

template <typename Addr>
Step send_one_packet_reply(const Moment& moment, const Packet<Addr>& packet, Frame& frame,
                           const RealServer& from) {
  Connection<Addr> connection =
      new_connection(packet.key(), from.id, *moment.tables.server(from.id),
                     packet.transport.source_port(), moment.now);
  connection.client = packet.ip.destination();
  if constexpr (FamilyTraits<Addr>::kFamily == Family::Ipv4) {
    connection.vip = from.service->config.key.vip.v4();
  } else {
    connection.vip = from.service->config.key.vip.v6();
  }
  connection.vip_port = from.service->record.port;
  const Step way = find_way_back(moment.tables, connection, moment.now);
  if (way.next != Next::Forward) return way;
  moment.tables.count_out(from.id, static_cast<std::uint32_t>(packet.ip.total_length()));
  return send_packet(moment.tables, passage_to_client(connection, way.next_hop), packet, frame,
                     moment.now);
}

}  // namespace

template <typename Addr>
std::optional<Step> judge_stray_reply(const Moment& moment, const Packet<Addr>& packet,
                                      Frame& frame) {
  const Protocol protocol = packet.transport.protocol();
  const IpAddr source = packet.ip.source();
  const Port port = packet.transport.source_port();
  if (protocol == Protocol::Udp) {
    const auto answers_for = [&](const Service& service) {
      return service.config.key.protocol == protocol && service.record.mark == 0 &&
             (service.record.flags & service_flag::kOnePacket) != 0;
    };
    if (const auto from = find_real_server(moment.tables, answers_for, source, port))
      return send_one_packet_reply(moment, packet, frame, *from);
  }
  if (!moment.limits.settings.nat_icmp_send || packet.transport.has_flag(wire::tcp_flag::kRst))
    return std::nullopt;
  const auto is_of_protocol = [&](const Service& service) {
    return service.config.key.protocol == protocol || service.record.mark != 0;
  };
  const auto from = find_real_server(moment.tables, is_of_protocol, source, port);
  if (!from) return std::nullopt;
  return Step{.next = Next::NoServer, .told_from = moment.tables.server(from->id)->next_hop};
}

template std::optional<Step> judge_stray_reply(const Moment&, const Packet<Ipv4Addr>&, Frame&);
template std::optional<Step> judge_stray_reply(const Moment&, const Packet<Ipv6Addr>&, Frame&);

}  // namespace lvs::director
