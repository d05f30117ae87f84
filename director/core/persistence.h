#pragma once

#include <cstdint>
#include <optional>

#include "director/core/live_tables.h"
#include "director/core/records.h"
#include "director/core/service_table.h"
#include "net/base/time.h"

// Persistence (facts of IPVS, 2.8): a template remembers where the connections of a client, or of a
// network of clients, go.

namespace lvs::director {

/// What a client's template is found by: the masked client with port 0, and the service. A service
/// of FTP or of every port has templates for port 0, one of a mark carries the mark as address.
template <typename Addr>
FlowKey<Addr> template_key(const Service& service, const FlowKey<Addr>& flow);

/// The template of this key, if its server may still be used. One that may not is retired: it is
/// not found again, and dies with its timer.
template <typename Addr>
Connection<Addr>* find_template(LiveTables& tables, const FlowKey<Addr>& key, Tick now);

/// A new template for a server; nullptr when the table is full. `flow` is the client's that opened
/// it.
template <typename Addr>
Connection<Addr>* open_template(LiveTables& tables, const Service& service,
                                const FlowKey<Addr>& flow, ServerId server, Tick now);

/// A connection went where the template says: the template's time begins anew.
template <typename Addr>
void renew(LiveTables& tables, Connection<Addr>& record, Tick now);

}  // namespace lvs::director
