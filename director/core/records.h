#pragma once

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

namespace connection_flag {
inline constexpr std::uint8_t kInactive = 1;  ///< counted in its server's `inactive`
inline constexpr std::uint8_t kNoOutput = 2;  ///< the server's answers do not pass here (DR, TUN)
}  // namespace connection_flag

/// One balanced conversation, in 56 bytes for IPv4 (64 with its share of the two bucket arrays).
/// The two keys share the client's address and port, so they are kept once and the keys are made
/// from them: see client_key() and server_key(). A slot whose protocol is zero is free.
template <typename Addr>
struct Connection {
  Addr client{};
  Addr vip{};
  Addr server_address{};
  ServerId server{};     ///< stable while any connection refers to it
  NextHopId next_hop{};  ///< copied from the server when the flow began
  Tick expires_at{};
  Tick armed_for{};  ///< when the timer wheel looks at it: never after expires_at
  std::uint32_t next_by_client = 0;
  std::uint32_t next_by_server = 0;
  std::uint32_t timer_previous = 0;
  std::uint32_t timer_next = 0;
  Port client_port{};
  Port vip_port{};
  Port server_port{};
  Protocol protocol{};
  std::uint8_t state = 0;  ///< a TcpState or UdpState
  ForwardMethod method = ForwardMethod::Masq;
  std::uint8_t flags = 0;     ///< connection_flag
  std::uint16_t packets = 0;  ///< from the client; stays at its greatest value

  /// What the client's packets carry.
  constexpr FlowKey<Addr> client_key() const {
    return {client, vip, client_port, vip_port, protocol};
  }
  /// What the server's packets carry: with Masq the server's own address, with every other method
  /// the virtual one.
  constexpr FlowKey<Addr> server_key() const {
    if (method == ForwardMethod::Masq)
      return {server_address, client, server_port, client_port, protocol};
    return {vip, client, vip_port, client_port, protocol};
  }
};

namespace server_flag {
inline constexpr std::uint8_t kAvailable = 1;  ///< in its service's list; else removed
inline constexpr std::uint8_t kOverload = 2;   ///< at its upper threshold: no new flows
inline constexpr std::uint8_t kCondemned = 4;  ///< removed, and its connections end with it
}  // namespace server_flag

/// What the packet path and the schedulers know of a real server.
template <typename Addr>
struct ServerRecord {
  Addr address{};
  ServiceId service{};
  NextHopId next_hop{};
  std::uint32_t weight = 0;  ///< 0: quiesced, takes no new flows
  std::uint32_t active = 0;
  std::uint32_t inactive = 0;
  std::uint32_t upper = 0;  ///< connections at which it takes no more; 0: no limit
  std::uint32_t lower = 0;  ///< below this it takes some again; 0: three quarters of `upper`
  Port port{};
  ForwardMethod method = ForwardMethod::Route;
  std::uint8_t flags = 0;  ///< server_flag

  constexpr bool is_available() const { return (flags & server_flag::kAvailable) != 0; }
  /// The two rules that hold for every scheduler (facts of IPVS, 1.1).
  constexpr bool takes_new_flows() const {
    return weight > 0 && (flags & server_flag::kOverload) == 0;
  }
};

namespace service_flag {
inline constexpr std::uint8_t kExpireNodestConn = 1;
}  // namespace service_flag

/// What the packet path knows of a service.
template <typename Addr>
struct ServiceRecord {
  Addr vip{};
  Ticks tcp_timeout{};
  Ticks tcp_fin_timeout{};
  Ticks udp_timeout{};
  Port port{};
  Protocol protocol{};
  std::uint8_t flags = 0;  ///< service_flag
};

/// Where frames for a server leave. The carrier thread learns it from the kernel's routes and
/// neighbours; a next hop whose MAC is not known is not `resolved`.
struct NextHop {
  LinkIndex link{};
  MacAddr source{};  ///< the leaving NIC's own
  MacAddr destination{};
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
static_assert(kIsSharable<ServerRecord<Ipv4Addr>> && kIsSharable<ServerRecord<Ipv6Addr>>);
static_assert(kIsSharable<ServiceRecord<Ipv4Addr>> && kIsSharable<ServiceRecord<Ipv6Addr>>);
static_assert(kIsSharable<NextHopRecord>);

/// Two index entries for each connection: one a key.
inline constexpr std::size_t kBucketShare = 2 * sizeof(std::uint32_t);
static_assert(sizeof(Connection<Ipv4Addr>) + kBucketShare <= 64);
static_assert(sizeof(Connection<Ipv6Addr>) + kBucketShare <= 128);

}  // namespace lvs::director
