#pragma once

#include <cstdint>

#include "director/core/config.h"
#include "director/core/defence.h"
#include "director/core/live_tables.h"
#include "director/core/rate_limit.h"
#include "director/core/step.h"
#include "net/base/time.h"

namespace lvs::director {

/// What opening flows needs beside the tables.
struct OpeningLimits {
  RateLimit new_flows;
  Defence defence;
  EngineSettings settings{};
};

/// What came of the wish to open a flow.
template <typename Addr>
struct Opening {
  Connection<Addr>* connection = nullptr;  ///< in the table
  /// One-packet scheduling (facts of IPVS, 2.9): the server counts it until its packet was sent;
  /// the caller ends it with end_one_packet().
  bool is_one_packet = false;
  Connection<Addr> one_packet{};
  Step refusal{};  ///< where there is neither
};

/// Chooses a server for a flow of this service, by the client's template where the service is
/// persistent, else by the scheduler, and opens the connection. `replaced` is the one that gives
/// way; it counts in the figures until the server is chosen (facts of IPVS, 1.1 and 2.11), and is
/// left alone when none is.
template <typename Addr>
Opening<Addr> open_flow(LiveTables& tables, OpeningLimits& limits, ServiceId id,
                        const FlowKey<Addr>& flow, Connection<Addr>* replaced, Tick now);

template <typename Addr>
void end_one_packet(LiveTables& tables, const Opening<Addr>& opening);

}  // namespace lvs::director
