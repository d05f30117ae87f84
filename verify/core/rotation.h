#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/wire/addr.h"
#include "verify/core/known_hosts.h"
#include "verify/core/order.h"
#include "verify/core/report.h"

// Whether a service's connections rotate over its servers. Three witnesses say which server had a
// connection: the Ethernet address that its replies came from, the page's body and a header. They
// must agree: a director that answers in a server's name would satisfy any one of them.

namespace lvs::verify {

/// One end of a connection.
struct Endpoint {
  IpAddr addr{};
  Port port{};
  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};
std::string to_string(const Endpoint& endpoint);  ///< "192.168.1.1:40000"

/// A connection (TCP) or datagram (UDP) as the wire showed it, in the order of first sight.
struct WireFlow {
  Endpoint client;
  unsigned retransmits = 0;  ///< further SYNs with the same sequence number: not counted again
  std::optional<MacAddr> reply_mac;  ///< source of the first frame that came back
  bool reset = false;                ///< the first thing that came back was a RST
};

/// A connection as the program that opened it saw it.
struct Visit {
  Endpoint client;          ///< our own end; port 0 when it was never known
  std::string header_host;  ///< X-Served-By; empty for UDP or when there is none
  std::string body_host;    ///< first word of the body or datagram
  std::string failure;      ///< why there was no answer; empty when there was one
  bool is_page = true;      ///< over TCP: false where there is no header to look at
};

/// Everything that was seen of one service.
struct RotationEvidence {
  std::string service;    ///< its name
  std::string scheduler;  ///< ipvsadm's name
  bool tcp = true;        ///< SYNs and a page with a header; false: datagrams
  bool persistent = false;
  std::uint8_t mask = 128;  ///< of persistence: clients that agree in so many bits are one
  bool macs_tell = true;    ///< replies come straight from the servers' own Ethernet addresses
  std::string macs_why{};   ///< when not: why
  std::vector<Turn> servers;
  std::vector<Visit> visits;    ///< in the order in which they were opened
  std::vector<WireFlow> flows;  ///< in the order on the wire
  std::size_t lost_frames = 0;  ///< frames that the capture dropped
};

/// Checks "rotation.answers", "rotation.wire", "rotation.agree" and "rotation.order".
std::vector<Check> judge_rotation(const RotationEvidence& seen, const KnownHosts& hosts);

}  // namespace lvs::verify
