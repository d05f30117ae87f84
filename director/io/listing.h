#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "director/core/engine.h"
#include "director/io/carrier.h"
#include "director/io/worker.h"
#include "net/json/json.h"

namespace lvs::director {

// What `lvs-director list` shows, as documents and as text. The carrier thread only copies values;
// documents are made of them elsewhere, because the packets wait meanwhile.

/// What a director is and has done, at one moment.
struct DirectorState {
  std::vector<ServiceStatus> services;
  std::vector<CarrierLink> links;
  VerdictCounters counters;
  FtpCounters ftp;
  std::uint32_t connections = 0;
  std::size_t waiting = 0;
  Tick now{};
};
DirectorState take_state(const WorkerView& view);

/// Services (sorted), servers in scheduling order with what `describe` says of their next hops,
/// counters, NICs.
Json state_document(DirectorState state, const std::function<std::string(NextHopId)>& describe);

/// At most this many connections a reply.
inline constexpr std::size_t kConnectionsPage = 256;
struct ConnectionsPage {
  std::vector<ConnectionStatus> connections;
  std::uint32_t next = 0;  ///< the position of the next page; 0: there is none
};
ConnectionsPage take_connections(const WorkerView& view, std::uint32_t from);
/// {"connections": […], "next": N}
Json connections_document(const ConnectionsPage& page);

/// The table for people. `connections` is null or an array of all pages' connections.
std::string listing_text(const Json& state, const Json& connections);

}  // namespace lvs::director
