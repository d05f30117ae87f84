#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "director/core/ids.h"
#include "director/core/records.h"
#include "director/core/scheduler/flags.h"
#include "net/base/link_index.h"
#include "net/wire/addr.h"

// What the engine is told about services, servers, marks, and about itself.

namespace lvs::director {

/// Identity of a service: protocol, VIP and port, or a mark and the family of its packets. One of
/// these is one service.
struct ServiceKey {
  Protocol protocol = Protocol::Tcp;  ///< kAnyProtocol for a mark
  IpAddr vip{};                       ///< for a mark: 0.0.0.0 or ::, which says the family
  Port port{};                        ///< 0: every port; only with persistence
  std::uint32_t mark = 0;             ///< 0: none

  static constexpr ServiceKey of_mark(std::uint32_t mark, Family family) {
    return {
        kAnyProtocol, family == Family::Ipv4 ? IpAddr{Ipv4Addr{}} : IpAddr{Ipv6Addr{}}, {}, mark};
  }
  constexpr Family family() const { return vip.family(); }
  friend constexpr auto operator<=>(const ServiceKey&, const ServiceKey&) = default;
};

/// Persistence (facts of IPVS, 2.8): a client keeps its server.
struct Persistence {
  std::uint32_t timeout_s = 360;  ///< 1 to 31 days
  std::uint8_t mask = 32;         ///< clients that agree in so many leading bits are one; 1 to 128
  friend constexpr bool operator==(const Persistence&, const Persistence&) = default;
};

struct ServiceConfig {
  ServiceKey key{};
  std::string name{};
  std::string scheduler = "wlc";
  SchedulerFlags scheduler_flags{};
  std::optional<Persistence> persistence{};
  bool one_packet = false;  ///< each datagram is scheduled anew (facts of IPVS, 2.9)
  std::uint32_t tcp_timeout_s = 900;
  std::uint32_t tcp_fin_timeout_s = 120;
  std::uint32_t udp_timeout_s = 300;
  bool expire_nodest_conn = false;
  bool expire_quiescent_template = false;
};

/// How packets for a server of method Tunnel are wrapped.
struct TunnelConfig {
  TunnelType type = TunnelType::IpIp;
  Port port{};            ///< destination port of GUE; never 0 there
  bool checksum = false;  ///< of the UDP header of GUE, or of GRE
  friend constexpr bool operator==(const TunnelConfig&, const TunnelConfig&) = default;
};

struct ServerConfig {
  IpAddr address{};
  Port port{};  ///< with Route and Tunnel that of the service: those cannot map ports
  std::string name{};
  std::uint32_t weight = 1;  ///< 0: quiesced
  ForwardMethod method = ForwardMethod::Route;
  TunnelConfig tunnel{};    ///< method Tunnel
  NextHopId next_hop{};     ///< of a server that is not local. Connections keep the id they began
                            ///< with: a way that changes is changed by Engine::set_next_hop
  std::uint32_t upper = 0;  ///< connections at which it takes no more (ipvsadm -x); 0: no limit
  std::uint32_t lower = 0;  ///< below which it takes some again (-y); 0: three quarters of upper
};

/// Which packets carry a mark: all that is set must hold. Marks are the engine's own, because
/// packets reach it before netfilter could mark them.
struct MarkRule {
  struct Ports {
    Port first{};
    Port last{};
  };
  std::uint32_t mark = 0;
  std::optional<Family> family{};
  std::optional<IpAddr> vip{};
  std::optional<Protocol> protocol{};
  std::vector<Ports> ports{};  ///< of the destination; empty: any
  std::optional<Prefix> source{};
  LinkIndex link{};  ///< that the packet came in by; 0: any
};

/// What IPVS has as net.ipv4.vs.*, with its defaults (facts of IPVS, 2.18). Those that a service
/// has of its own are in ServiceConfig.
struct EngineSettings {
  std::uint32_t conn_reuse_mode = 1;
  bool sloppy_tcp = false;
  bool sloppy_sctp = false;
  bool pmtu_disc = true;
  bool cache_bypass = false;
  bool schedule_icmp = false;
  bool nat_icmp_send = false;
  std::uint32_t drop_entry = 0;   ///< 0 off, 1 automatic, 2 automatic and on now, 3 always
  std::uint32_t drop_packet = 0;  ///< the same
  std::uint32_t secure_tcp = 0;   ///< the same
  std::uint32_t am_droprate = 10;
  std::uint32_t lblc_expiration_s = 86400;
  std::uint32_t lblcr_expiration_s = 86400;
};

}  // namespace lvs::director
