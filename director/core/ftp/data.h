#pragma once

#include <optional>

#include "director/core/ftp/sessions.h"
#include "director/core/live_tables.h"
#include "director/core/records.h"
#include "net/base/time.h"

// The data connections that FTP's control connections announce. As in IPVS (facts of IPVS, 2.14)
// each is a connection of method Masq to the control connection's server, which counts it like its
// others; it is controlled by the control connection and listed as LISTEN until it is used.

namespace lvs::director {

/// A control connection that is helped.
template <typename Addr>
struct FtpControl {
  LiveTables& tables;
  FtpSession& session;
  Connection<Addr>& connection;
  Tick now{};
};

/// Where a client is to ask for data, and where the server waits for it.
struct FtpDataPorts {
  Port vip_port{};
  Port server_port{};
};

/// The one that was announced before and that nobody used is not waited for any more.
template <typename Addr>
void forget_expected(const FtpControl<Addr>& control);

/// Active: the server will connect to this port of the client, from the port before the one of its
/// control connection (RFC 959, 5.2), and the client sees it come from the port before the
/// service's. False: there was no place.
template <typename Addr>
bool expect_server(const FtpControl<Addr>& control, Port client_port);

/// Passive: a port of the VIP that leads this client to no other listener. IPVS takes the server's
/// own number always; here it is another where that one is a service of the VIP, privileged, or
/// taken by another server. nullopt: none was found.
template <typename Addr>
std::optional<Port> choose_data_port(const FtpControl<Addr>& control, Port server_port);
/// Passive: the client will connect to a port that choose_data_port() gave, from a port that its
/// SYN tells. False: there was no place.
template <typename Addr>
bool expect_client(const FtpControl<Addr>& control, const FtpDataPorts& ports);

/// The SYN of a client that was waited for. False, and nothing changed: there was no place.
template <typename Addr>
bool take_client_port(LiveTables& tables, Connection<Addr>& expected, Port port, Tick now);

}  // namespace lvs::director
