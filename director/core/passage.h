#pragma once

#include <cstdint>

#include "director/core/records.h"

namespace lvs::director {

/// How the packets of a flow go on in one direction: all that the rewriting needs, so that later
/// fragments, which show no ports, follow their first one. Freestanding.
template <typename Addr>
struct Passage {
  ForwardMethod method = ForwardMethod::Masq;
  bool to_client =
      false;    ///< Masq: the source becomes the service; else the destination the server
  Port port{};  ///< Masq: the new one
  NextHopId next_hop{};
  ServerId server{};
  Addr address{};  ///< Masq: the new one
};

template <typename Addr>
constexpr Passage<Addr> passage_to_server(const Connection<Addr>& connection) {
  return {connection.method,      false,
          connection.server_port, connection.next_hop,
          connection.server,      connection.server_address};
}

template <typename Addr>
constexpr Passage<Addr> passage_to_client(const Connection<Addr>& connection, NextHopId way) {
  return {ForwardMethod::Masq, true, connection.vip_port, way, connection.server, connection.vip};
}

}  // namespace lvs::director
