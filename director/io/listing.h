#pragma once

#include <string>

#include "director/core/engine.h"
#include "director/io/worker.h"
#include "net/json/json.h"

namespace lvs::director {

// What `lvs-director list` shows, as documents and as text. Documents are made on the carrier
// thread, so each is bounded work.

/// Services (sorted), servers in scheduling order, counters, NICs. Next hops are numbers here:
/// put_next_hops() makes them words, on the thread that knows them.
Json state_document(const WorkerView& view);

/// Replaces each server's "next_hop" number by what `describe` says of it.
void put_next_hops(Json& state, const std::function<std::string(NextHopId)>& describe);

/// At most this many connections a reply.
inline constexpr std::size_t kConnectionsPage = 256;
/// {"connections": […], "next": N}; next 0 is the end.
Json connections_document(const WorkerView& view, std::uint32_t from);

/// The table for people. `connections` is null or an array of all pages' connections.
std::string listing_text(const Json& state, const Json& connections);

}  // namespace lvs::director
