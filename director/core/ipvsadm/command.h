#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "director/core/config.h"
#include "net/wire/addr.h"

// What an ipvsadm command line asks for (facts of IPVS, section 3), as plain values.

namespace lvs::director::ipvsadm {

/// What a service has beyond ServiceConfig: a persistence engine's name, empty for none.
struct ServiceWish {
  ServiceConfig config{};  ///< without name, timeouts and expire flags: those are not ipvsadm's
  std::string persistence_engine{};
  friend bool operator==(const ServiceWish& a, const ServiceWish& b) {
    return a.config.key == b.config.key && a.config.scheduler == b.config.scheduler &&
           a.config.scheduler_flags == b.config.scheduler_flags &&
           a.config.persistence == b.config.persistence &&
           a.config.one_packet == b.config.one_packet &&
           a.persistence_engine == b.persistence_engine;
  }
};
struct ServerWish {
  ServiceKey service{};
  ServerConfig config{};         ///< without name and next hop
  bool remote_checksum = false;  ///< --tun-remcsum
};

struct AddService : ServiceWish {};
struct EditService : ServiceWish {};
struct DeleteService {
  ServiceKey key{};
};
struct AddServer : ServerWish {};
struct EditServer : ServerWish {};
struct DeleteServer {
  ServiceKey service{};
  IpAddr address{};
  Port port{};
};
struct Clear {};
/// --set: seconds; 0 leaves a value as it is.
struct SetTimeouts {
  std::uint32_t tcp_s = 0;
  std::uint32_t tcp_fin_s = 0;
  std::uint32_t udp_s = 0;
};
struct Zero {
  std::optional<ServiceKey> service{};  ///< none: all
};

enum class ListWhat : std::uint8_t { Services, Connections, Timeouts, Daemons };
struct List {
  ListWhat what = ListWhat::Services;
  std::optional<ServiceKey> service{};
  bool numeric = false;
  bool stats = false;
  bool rate = false;
  bool exact = false;
  bool thresholds = false;
  bool persistent = false;
  bool tunnels = false;
  bool unsorted = false;
};
struct Save {
  bool numeric = false;
};
struct Restore {};

enum class DaemonRole : std::uint8_t { Master, Backup };
struct StartDaemon {
  DaemonRole role = DaemonRole::Master;
  std::uint8_t sync_id = 0;
  std::uint16_t longest_message = 0;  ///< 0: what the link takes
  std::string interface = "eth0";
  std::optional<IpAddr> group{};  ///< none: 224.0.0.81
  Port port{8848};
  std::uint8_t ttl = 1;
};
struct StopDaemon {
  DaemonRole role = DaemonRole::Master;
  std::uint8_t sync_id = 0;
};
struct Help {};
struct Version {};

using Command =
    std::variant<AddService, EditService, DeleteService, AddServer, EditServer, DeleteServer, Clear,
                 SetTimeouts, Zero, List, Save, Restore, StartDaemon, StopDaemon, Help, Version>;

}  // namespace lvs::director::ipvsadm
