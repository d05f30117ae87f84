#pragma once

#include <concepts>
#include <cstdint>

#include "director/core/path_settings.h"
#include "director/core/records.h"
#include "net/base/time.h"

namespace lvs::director {

/// The way back to a client, as the route cache has it.
struct WayBack {
  bool is_known = false;  ///< false: asked for, the packet waits
  NextHopId hop{};        ///< none: the kernel has no route
};

/// What the packet path asks of its tables, for the addresses of one family. Everything that a find
/// gives stays valid until the next change of a table.
///
/// A template of a client (persistence) is never found as a conversation.
template <typename T, typename Addr>
concept Tables = requires(T tables, const FlowKey<Addr>& key, Connection<Addr>& connection,
                          ServiceId service, NextHopId hop, const Addr& client, Tick at,
                          std::uint32_t bytes) {
  /// By the key of the client's packets; nullptr for none and for one that has expired. Also finds
  /// FTP data that waits for its client's port.
  { tables.find(key, at) } -> std::same_as<Connection<Addr>*>;
  /// By the key of the server's packets (method Masq).
  { tables.find_from_server(key, at) } -> std::same_as<Connection<Addr>*>;
  { tables.server(connection.server) } -> std::same_as<ServerRecord*>;
  { tables.service(service) } -> std::same_as<const ServiceRecord*>;
  { tables.next_hop(hop) } -> std::same_as<const NextHopRecord*>;
  /// What was learnt of the way's MTU, less than the next hop's own; 0 for nothing.
  { tables.path_mtu(hop, at) } -> std::same_as<std::uint16_t>;
  { tables.way_back(client, at) } -> std::same_as<WayBack>;
  { tables.settings() } -> std::same_as<const PathSettings&>;
  /// The id of the next outer IPv4 header.
  { tables.next_packet_id() } -> std::same_as<std::uint16_t>;
  tables.rearm(connection, at);
  tables.count_active(connection.server);      ///< one inactive connection became active
  tables.count_inactive(connection.server);    ///< and the other way round
  tables.count_in(connection.server, bytes);   ///< a packet of this many layer 3 bytes
  tables.count_out(connection.server, bytes);  ///< the same from the server
  tables.assure(connection);  ///< its template, if it has one, is kept under attack (facts 2.8)
};

}  // namespace lvs::director
