#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "director/core/ids.h"
#include "director/core/records.h"
#include "net/wire/addr.h"

// What the engine is told about services and servers.

namespace lvs::director {

/// Identity of a service: one of these is one service.
struct ServiceKey {
  Protocol protocol = Protocol::Tcp;
  Ipv4Addr vip{};
  Port port{};
  friend constexpr auto operator<=>(const ServiceKey&, const ServiceKey&) = default;
};

struct ServiceConfig {
  ServiceKey key{};
  std::string name;
  std::string scheduler = "wlc";
  std::uint32_t tcp_timeout_s = 900;
  std::uint32_t tcp_fin_timeout_s = 120;
  std::uint32_t udp_timeout_s = 300;
  bool expire_nodest_conn = false;
  bool expire_quiescent_template = false;
};

struct ServerConfig {
  Ipv4Addr address{};
  Port port{};
  std::string name;
  std::uint32_t weight = 1;  ///< 0: quiesced
  ForwardMethod method = ForwardMethod::Route;
  NextHopId next_hop{};     ///< of a server that is not local. Connections keep the id they began
                            ///< with: a way that changes is changed by Engine::set_next_hop
  std::uint32_t upper = 0;  ///< connections at which it takes no more (ipvsadm -x); 0: no limit
  std::uint32_t lower = 0;  ///< below which it takes some again (-y); 0: three quarters of upper
};

}  // namespace lvs::director
