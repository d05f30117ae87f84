#include "director/core/ftp/data.h"

#include "director/core/flow_state.h"
#include "director/core/lookup.h"
#include "director/core/new_connection.h"
#include "director/core/tcp_state.h"

namespace lvs::director {
namespace {

constexpr std::uint16_t kFirstUnprivileged = 1024;
constexpr int kPortsTried = 32;

constexpr Port port_before(Port port) { return Port{static_cast<std::uint16_t>(port.number - 1)}; }
constexpr Port port_behind(Port port) {
  const bool is_last = port.number == 65535 || port.number < kFirstUnprivileged;
  return Port{is_last ? kFirstUnprivileged : static_cast<std::uint16_t>(port.number + 1)};
}

bool is_waited_for(std::uint8_t state) { return TcpState{state} == TcpState::Listen; }

/// As control connection, client and server have it; nothing of it is used yet.
template <typename Addr>
Connection<Addr> make_data(const FtpControl<Addr>& control, Port client_port,
                           const FtpDataPorts& ports) {
  const Connection<Addr>& of = control.connection;
  Connection<Addr> data{};
  data.client = of.client;
  data.vip = of.vip;
  data.server_address = of.server_address;
  data.server = of.server;
  data.expires_at = control.now + tcp_timeout(TcpState::Listen);
  data.next_hop = of.next_hop;
  data.client_port = client_port;
  data.vip_port = ports.vip_port;
  data.server_port = ports.server_port;
  data.protocol = Protocol::Tcp;
  data.state = static_cast<std::uint8_t>(TcpState::Listen);
  data.flags = connection_flag::kInactive;
  return data;
}

/// Of one key, so that there can be only one of them: and one is enough.
template <typename Addr>
bool is_same_way(const Connection<Addr>& a, const Connection<Addr>& b) {
  return a.server == b.server && a.server_port == b.server_port &&
         (a.flags & connection_flag::kNoClientPort) == (b.flags & connection_flag::kNoClientPort);
}

/// The state that it began with, once more.
template <typename Addr>
void listen_again(LiveTables& tables, Connection<Addr>& data, Tick now) {
  data.state = static_cast<std::uint8_t>(TcpState::Listen);
  detail::count_state(tables, data);
  tables.rearm(data, now + tcp_timeout(TcpState::Listen));
}

template <typename Addr>
bool expect(const FtpControl<Addr>& control, const Connection<Addr>& wanted, Port listener) {
  LiveTables& tables = control.tables;
  const ServerRecord* const server = tables.server(wanted.server);
  if (server == nullptr || !server->is_available()) return false;
  Connection<Addr>* data = tables.find(wanted.client_key(), control.now);
  if (data != nullptr && !is_same_way(*data, wanted)) {
    if (!detail::is_over(*data, tables.settings().conn_reuse_mode)) return false;
    tables.give_way(*data);
    data = nullptr;
  }
  if (data != nullptr) {
    listen_again(tables, *data, control.now);
  } else {
    data = tables.open(wanted, control.now);
    if (data == nullptr) return false;
    tables.attach(*data, control.connection);
  }
  control.session.data = tables.connections<Addr>().position_of(*data);
  control.session.data_port = listener;
  return true;
}

}  // namespace

template <typename Addr>
void forget_expected(const FtpControl<Addr>& control) {
  LiveTables& tables = control.tables;
  Connection<Addr>* const data = tables.connections<Addr>().at(control.session.data);
  control.session.data = 0;
  if (data == nullptr || data->client != control.connection.client ||
      data->server != control.connection.server || !is_waited_for(data->state) ||
      (data->flags & connection_flag::kControlled) == 0)
    return;
  const bool waits_for_client = (data->flags & connection_flag::kNoClientPort) != 0;
  const Port listener = waits_for_client ? data->server_port : data->client_port;
  if (listener == control.session.data_port) tables.end(*data);
}

template <typename Addr>
bool expect_server(const FtpControl<Addr>& control, Port client_port) {
  const FtpDataPorts ports{port_before(control.connection.vip_port),
                           port_before(control.connection.server_port)};
  return expect(control, make_data(control, client_port, ports), client_port);
}

template <typename Addr>
std::optional<Port> choose_data_port(const FtpControl<Addr>& control, Port server_port) {
  Port port = server_port;
  if (port.number < kFirstUnprivileged) port = port_behind(port);
  for (int i = 0; i < kPortsTried; ++i, port = port_behind(port)) {
    if (control.tables.services.find({Protocol::Tcp, control.connection.vip, port})) continue;
    Connection<Addr> wanted = make_data(control, {}, {port, server_port});
    wanted.flags |= connection_flag::kNoClientPort;
    const Connection<Addr>* const taken = control.tables.find(wanted.client_key(), control.now);
    if (taken == nullptr || is_same_way(*taken, wanted)) return port;
  }
  return std::nullopt;
}

template <typename Addr>
bool expect_client(const FtpControl<Addr>& control, const FtpDataPorts& ports) {
  Connection<Addr> wanted = make_data(control, {}, ports);
  wanted.flags |= connection_flag::kNoClientPort;
  return expect(control, wanted, ports.server_port);
}

template <typename Addr>
bool take_client_port(LiveTables& tables, Connection<Addr>& expected, Port port, Tick now) {
  Connection<Addr> known = expected;
  known.client_port = port;
  known.flags = static_cast<std::uint8_t>(known.flags & ~connection_flag::kNoClientPort);
  ConnectionTable<Addr>& table = tables.connections<Addr>();
  while (Connection<Addr>* const over = table.expired_holder(known, now)) tables.end(*over);
  return table.set_client_port(expected, port);
}

#define LVS_INSTANTIATE(Addr)                                                   \
  template void forget_expected(const FtpControl<Addr>&);                       \
  template bool expect_server(const FtpControl<Addr>&, Port);                   \
  template std::optional<Port> choose_data_port(const FtpControl<Addr>&, Port); \
  template bool expect_client(const FtpControl<Addr>&, const FtpDataPorts&);    \
  template bool take_client_port(LiveTables&, Connection<Addr>&, Port, Tick);
LVS_INSTANTIATE(Ipv4Addr)
LVS_INSTANTIATE(Ipv6Addr)
#undef LVS_INSTANTIATE

}  // namespace lvs::director
