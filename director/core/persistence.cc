#include "director/core/persistence.h"

#include "director/core/new_connection.h"

namespace lvs::director {
namespace {

Ipv4Addr masked(Ipv4Addr client, std::uint8_t mask) {
  return Prefix{client, mask < 32 ? mask : std::uint8_t{32}}.network().addr.v4();
}
Ipv6Addr masked(const Ipv6Addr& client, std::uint8_t mask) {
  return Prefix{client, mask}.network().addr.v6();
}

Ipv4Addr mark_as_address(std::uint32_t mark, Ipv4Addr /*family*/) { return Ipv4Addr{mark}; }
/// In the first four bytes, as IPVS has it.
Ipv6Addr mark_as_address(std::uint32_t mark, const Ipv6Addr& /*family*/) {
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < 4; ++i)
    octets[i] = static_cast<std::uint8_t>(mark >> (24 - 8 * i) & 0xff);
  return Ipv6Addr{octets};
}

/// True where the template, and so its server's port, is of the service's one port.
template <typename Addr>
bool is_of_one_port(const Service& service, const FlowKey<Addr>& flow) {
  return flow.destination_port == service.record.port && service.record.port != kFtpControl;
}

bool may_still_be_used(const ServerRecord* server, const Service* service) {
  if (server == nullptr || service == nullptr || !server->is_available()) return false;
  const bool quiescent_expires =
      (service->record.flags & service_flag::kExpireQuiescentTemplate) != 0;
  return server->weight > 0 || !quiescent_expires;
}

}  // namespace

template <typename Addr>
FlowKey<Addr> template_key(const Service& service, const FlowKey<Addr>& flow) {
  const std::uint8_t mask = service.config.persistence->mask;
  FlowKey<Addr> key{.source = masked(flow.source, mask),
                    .destination = flow.destination,
                    .protocol = flow.protocol};
  if (service.record.mark != 0) {
    key.destination = mark_as_address(service.record.mark, Addr{});
    key.protocol = kAnyProtocol;
  } else if (is_of_one_port(service, flow)) {
    key.destination_port = flow.destination_port;
  }
  return key;
}

template <typename Addr>
Connection<Addr>* find_template(LiveTables& tables, const FlowKey<Addr>& key, Tick now) {
  Connection<Addr>* const found = tables.connections<Addr>().find_template(key);
  if (found == nullptr) return nullptr;
  if (found->expires_at <= now && found->control == 0) {
    tables.end(*found);
    return nullptr;
  }
  const ServerRecord* const server = tables.server(found->server);
  const Service* const service =
      server == nullptr ? nullptr : tables.services.service(server->service);
  if (may_still_be_used(server, service)) return found;
  tables.connections<Addr>().retire(*found);
  return nullptr;
}

template <typename Addr>
Connection<Addr>* open_template(LiveTables& tables, const Service& service,
                                const FlowKey<Addr>& flow, ServerId server, Tick now) {
  const FlowKey<Addr> key = template_key(service, flow);
  const ServerRecord& record = *tables.server(server);
  const Ticks timeout = seconds_to_ticks(service.config.persistence->timeout_s);
  Connection<Addr> wanted{};
  wanted.client = key.source;
  wanted.vip = key.destination;
  wanted.server = server;
  wanted.expires_at = now + timeout;
  wanted.next_by_server = timeout.number;
  wanted.next_hop = record.next_hop;
  wanted.vip_port = key.destination_port;
  wanted.protocol = key.protocol;
  wanted.method = record.method;
  wanted.flags = connection_flag::kTemplate;
  if (is_of_one_port(service, flow)) wanted.server_port = record.port;
  set_server_address(wanted, record);
  return tables.open(wanted, now);
}

template <typename Addr>
void renew(LiveTables& tables, Connection<Addr>& record, Tick now) {
  tables.rearm(record, now + Ticks{record.next_by_server});
}

#define LVS_INSTANTIATE(Addr)                                                                 \
  template FlowKey<Addr> template_key(const Service&, const FlowKey<Addr>&);                  \
  template Connection<Addr>* find_template(LiveTables&, const FlowKey<Addr>&, Tick);          \
  template Connection<Addr>* open_template(LiveTables&, const Service&, const FlowKey<Addr>&, \
                                           ServerId, Tick);                                   \
  template void renew(LiveTables&, Connection<Addr>&, Tick);
LVS_INSTANTIATE(Ipv4Addr)
LVS_INSTANTIATE(Ipv6Addr)
#undef LVS_INSTANTIATE

}  // namespace lvs::director
