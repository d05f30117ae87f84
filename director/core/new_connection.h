#pragma once

#include "director/core/records.h"
#include "director/core/tcp_state.h"
#include "net/base/time.h"

// The record that a new flow begins with.

namespace lvs::director {

inline constexpr Port kFtpControl{21};
inline constexpr Port kFtpData{20};

/// Where a server is, for the method that rewrites to it. Only a tunnel leads to another family.
inline void set_server_address(Connection<Ipv4Addr>& connection, const ServerRecord& server) {
  connection.server_address = server.address.address().v4();
}
inline void set_server_address(Connection<Ipv6Addr>& connection, const ServerRecord& server) {
  if (!server.address.is_v4()) connection.server_address = Ipv6Addr{server.address.octets};
}

/// `server_port` is that of the server's packets.
template <typename Addr>
Connection<Addr> new_connection(const FlowKey<Addr>& flow, ServerId id, const ServerRecord& server,
                                Port server_port, Tick now) {
  Connection<Addr> connection{};
  connection.client = flow.source;
  connection.vip = flow.destination;
  connection.server = id;
  connection.expires_at = now + kUntilFirstState;
  connection.next_hop = server.next_hop;
  connection.client_port = flow.source_port;
  connection.vip_port = flow.destination_port;
  connection.server_port = server_port;
  connection.protocol = flow.protocol;
  connection.method = server.method;
  connection.flags = connection_flag::kInactive;
  // Only with Masq do the server's answers pass here.
  if (server.method != ForwardMethod::Masq) connection.flags |= connection_flag::kNoOutput;
  set_server_address(connection, server);
  return connection;
}

}  // namespace lvs::director
