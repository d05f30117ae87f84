#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "director/core/ids.h"
#include "net/base/link_index.h"
#include "net/base/time.h"
#include "net/wire/addr.h"

// The records that the packet path works on. An XDP program reads and writes the same bytes, and a
// successor takes them over as they lie in memory, so they hold numbers only: trivially copyable,
// standard layout, fixed width, no padding left unset, no pointers, times as 32-bit ticks. All zero
// bytes are a valid, empty record. Links between records are positions that start at 1; 0 is none.
// Freestanding: compiles for BPF.

namespace lvs::director {

enum class ForwardMethod : std::uint8_t { Masq, Local, Tunnel, Route };  ///< as IPVS numbers them

/// One direction of a conversation, as its packets carry it.
template <typename Addr>
struct FlowKey {
  Addr source{};
  Addr destination{};
  Port source_port{};
  Port destination_port{};
  Protocol protocol{};
  std::uint8_t reserved[3] = {0, 0, 0};

  friend constexpr bool operator==(const FlowKey& a, const FlowKey& b) {
    return a.source == b.source && a.destination == b.destination &&
           a.source_port == b.source_port && a.destination_port == b.destination_port &&
           a.protocol == b.protocol;
  }
};

/// What a mark's services and templates carry in place of a protocol (IPVS shows it as IP).
inline constexpr Protocol kAnyProtocol{0};

enum class TunnelType : std::uint8_t { IpIp, Gue, Gre };  ///< as IPVS numbers them

namespace connection_flag {
inline constexpr std::uint8_t kInactive = 1;  ///< counted in its server's `inactive`
inline constexpr std::uint8_t kNoOutput = 2;  ///< the server's answers were not seen here yet
inline constexpr std::uint8_t kTemplate = 4;  ///< no conversation: where a client's go
inline constexpr std::uint8_t kAssured = 8;   ///< a template of which a connection was answered
inline constexpr std::uint8_t kNoClientPort =
    16;                                         ///< FTP data: any port of the client, until known
inline constexpr std::uint8_t kHelped = 32;     ///< an FTP control connection with a FtpSession
inline constexpr std::uint8_t kOnePacket = 64;  ///< never in the table
inline constexpr std::uint8_t kControlled =
    128;  ///< `control` is its template or control connection
}  // namespace connection_flag

/// One balanced conversation, in 56 bytes for IPv4 (64 with its share of the two bucket arrays).
/// The two keys share the client's address and port, so they are kept once and the keys are made
/// from them: see client_key() and server_key(). A slot without a server is free.
///
/// A template (facts of IPVS, 2.8) is a record like any other: the masked client, port 0, the
/// service's address and port, or kAnyProtocol, the mark as address and port 0.
template <typename Addr>
struct Connection {
  Addr client{};
  Addr vip{};
  Addr server_address{};  ///< Masq only: every other method takes it from the server's record
  ServerId server{};      ///< stable while any connection refers to it
  Tick expires_at{};
  std::uint32_t next_by_client = 0;
  std::uint32_t next_by_server = 0;  ///< Masq: of its chain. A template: its timeout in ticks
  std::uint32_t timer_previous = 0;
  std::uint32_t timer_next = 0;
  /// With kControlled the position of what controls it. A template: how many it controls.
  std::uint32_t control = 0;
  std::uint16_t armed_slot = 0;  ///< the timer wheel's slot: its look is never after expires_at
  NextHopId next_hop{};          ///< copied from the server when the flow began
  Port client_port{};
  Port vip_port{};
  Port server_port{};
  Protocol protocol{};
  std::uint8_t state = 0;  ///< a TcpState, UdpState or SctpState
  ForwardMethod method = ForwardMethod::Masq;
  std::uint8_t flags = 0;     ///< connection_flag
  std::uint16_t packets = 0;  ///< from the client; stays at its greatest value

  constexpr bool is_template() const { return (flags & connection_flag::kTemplate) != 0; }
  /// What the client's packets carry.
  constexpr FlowKey<Addr> client_key() const {
    return {client, vip, client_port, vip_port, protocol};
  }
  /// Masq: what the server's packets carry. With every other method they do not pass here as such.
  constexpr FlowKey<Addr> server_key() const {
    return {server_address, client, server_port, client_port, protocol};
  }
};

/// FTP through Masq: its packets are more than lookup() alone can judge.
template <typename Addr>
constexpr bool needs_help(const Connection<Addr>& connection) {
  return (connection.flags & (connection_flag::kHelped | connection_flag::kNoClientPort)) != 0;
}

namespace server_flag {
inline constexpr std::uint8_t kAvailable = 1;    ///< in its service's list; else removed
inline constexpr std::uint8_t kOverload = 2;     ///< at its upper threshold: no new flows
inline constexpr std::uint8_t kCondemned = 4;    ///< removed, and its connections end with it
inline constexpr std::uint8_t kLoadChanged = 8;  ///< its service's scheduler has not been told yet
inline constexpr std::uint8_t kTunnelChecksum = 16;
}  // namespace server_flag

/// An address of either family in sixteen bytes: IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2).
struct MappedAddr {
  std::array<std::uint8_t, 16> octets{};

  constexpr MappedAddr() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): the same address, written otherwise
  constexpr MappedAddr(const IpAddr& addr) : octets(addr.v6().octets()) {
    if (!addr.is_v4()) return;
    octets[10] = octets[11] = 0xff;
    for (std::size_t i = 0; i < 4; ++i)
      octets[12 + i] = static_cast<std::uint8_t>(addr.v4().number() >> (24 - 8 * i));
  }
  constexpr bool is_v4() const {
    for (std::size_t i = 0; i < 10; ++i)
      if (octets[i] != 0) return false;
    return octets[10] == 0xff && octets[11] == 0xff;
  }
  constexpr IpAddr address() const {
    if (!is_v4()) return Ipv6Addr{octets};
    return Ipv4Addr{octets[12], octets[13], octets[14], octets[15]};
  }
  friend constexpr bool operator==(const MappedAddr&, const MappedAddr&) = default;
};

/// What the packet path and the schedulers know of a real server.
struct ServerRecord {
  MappedAddr address{};
  ServiceId service{};
  std::uint32_t seat = 0;         ///< in its service's ServerList
  std::uint32_t weight = 0;       ///< 0: quiesced, takes no new flows
  std::uint32_t last_weight = 0;  ///< the last that was set by an addition, or by an edit not to 0
  std::uint32_t active = 0;
  std::uint32_t inactive = 0;
  std::uint32_t persistent = 0;  ///< templates
  std::uint32_t upper = 0;       ///< connections at which it takes no more; 0: no limit
  std::uint32_t lower = 0;       ///< below this it takes some again; 0: three quarters of `upper`
  NextHopId next_hop{};
  Port port{};
  Port tunnel_port{};
  ForwardMethod method = ForwardMethod::Route;
  TunnelType tunnel = TunnelType::IpIp;
  std::uint8_t flags = 0;  ///< server_flag
  std::uint8_t reserved[3] = {0, 0, 0};

  constexpr bool is_available() const { return (flags & server_flag::kAvailable) != 0; }
  /// The two rules that hold for every scheduler (facts of IPVS, 1.1).
  constexpr bool takes_new_flows() const {
    return weight > 0 && (flags & server_flag::kOverload) == 0;
  }
};

namespace service_flag {
inline constexpr std::uint8_t kExpireNodestConn = 1;
inline constexpr std::uint8_t kPersistent = 2;
inline constexpr std::uint8_t kOnePacket = 4;
inline constexpr std::uint8_t kExpireQuiescentTemplate = 8;
}  // namespace service_flag

/// What the packet path knows of a service.
struct ServiceRecord {
  MappedAddr vip{};
  Ticks tcp_timeout{};
  Ticks tcp_fin_timeout{};
  Ticks udp_timeout{};
  std::uint32_t mark = 0;
  Port port{};
  Protocol protocol{};
  std::uint8_t flags = 0;  ///< service_flag
};

/// Where frames for a server, or back to a client, leave. The carrier thread learns it from the
/// kernel's routes and neighbours; a next hop whose MAC is not known is not `resolved`.
struct NextHop {
  LinkIndex link{};
  MacAddr source{};  ///< the leaving NIC's own
  MacAddr destination{};
  MappedAddr own_address{};  ///< the route's preferred source: of outer headers, and of ICMP errors
  std::uint16_t mtu = 1500;
  bool resolved = false;
  std::uint8_t reserved = 0;
};
using NextHopRecord = NextHop;

template <typename Record>
inline constexpr bool kIsSharable =
    std::is_trivially_copyable_v<Record>&& std::is_standard_layout_v<Record>&&
        std::has_unique_object_representations_v<Record>;  // the last: no padding

static_assert(kIsSharable<FlowKey<Ipv4Addr>> && sizeof(FlowKey<Ipv4Addr>) == 16);
static_assert(kIsSharable<FlowKey<Ipv6Addr>> && sizeof(FlowKey<Ipv6Addr>) == 40);
static_assert(kIsSharable<Connection<Ipv4Addr>> && sizeof(Connection<Ipv4Addr>) == 56);
static_assert(kIsSharable<Connection<Ipv6Addr>> && sizeof(Connection<Ipv6Addr>) == 92);
static_assert(kIsSharable<ServerRecord> && kIsSharable<ServiceRecord>);
static_assert(kIsSharable<NextHopRecord>);

/// Two index entries for each connection: one a key.
inline constexpr std::size_t kBucketShare = 2 * sizeof(std::uint32_t);
static_assert(sizeof(Connection<Ipv4Addr>) + kBucketShare <= 64);
static_assert(sizeof(Connection<Ipv6Addr>) + kBucketShare <= 128);

}  // namespace lvs::director
