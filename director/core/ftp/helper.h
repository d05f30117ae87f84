#pragma once

#include "director/core/frame.h"
#include "director/core/live_tables.h"
#include "director/core/packet.h"
#include "director/core/step.h"
#include "net/base/time.h"

// FTP through `nat` (facts of IPVS, 2.14). A control connection of method Masq to port 21 of a VIP
// is helped, whatever service took it, as IPVS does with ip_vs_ftp:
//
// - the client says where it waits for data (PORT, EPRT): that connection is expected from the
//   server's port 20, and leaves as the VIP's;
// - the server says where it does (227, 229): the client is told an address and port of the VIP
//   instead, and that connection is expected from any port of the client.
//
// What the client is told may be longer or shorter than what the server said, so the numbers of all
// that follows differ for the two (stream.h). Announcements for other hosts are left alone: a
// director must not open ways to them (RFC 2577, 3).

namespace lvs::director {

/// A connection was opened for this packet, which was not sent yet: whether it is helped from now
/// on.
template <typename Addr>
void begin_help(LiveTables& tables, Connection<Addr>& connection, const Packet<Addr>& packet);

/// A packet of a connection that needs_help(): what it says is taken in, and it is sent on its way.
/// Next::Schedule: it does not belong to this connection, nor to any.
template <typename Addr>
Found<Addr> help(LiveTables& tables, Connection<Addr>& connection, const Packet<Addr>& packet,
                 Frame& frame, Tick now);

}  // namespace lvs::director
