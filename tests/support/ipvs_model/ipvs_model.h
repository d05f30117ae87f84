#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "director/core/config.h"
#include "net/base/time.h"
#include "tests/support/ipvs_model/connection.h"
#include "tests/support/ipvs_model/packet.h"
#include "tests/support/ipvs_model/scheduler.h"

// IPVS, slowly: written from the facts and the recordings alone, with simple containers and literal
// rules, to judge the engine by. It shares no code with the engine but the descriptions of services
// and servers. Left out: twos (random), defences (drop_entry, drop_packet, secure_tcp), ICMP, MTU,
// fragments, the FTP helper, SCTP beyond the usual path.

namespace lvs::test {

struct ModelVerdict {
  enum class Kind : std::uint8_t {
    Forward,      ///< to `server`
    Reply,        ///< a `nat` server's packet goes back to the client, from the VIP's port
    Unreachable,  ///< no server: ICMP port unreachable
    Drop,         ///< of a removed server
    Host,         ///< not for IPVS: the director's own stack gets it
  };
  Kind kind = Kind::Host;
  ServerPointer server;
  director::ForwardMethod method = director::ForwardMethod::Masq;
  Port server_port{};
  IpAddr vip{};  ///< Reply: its new source
  Port vip_port{};
};

struct ModelService {
  director::ServiceConfig config;
  ServerPointers servers;  ///< the newest first
  std::unique_ptr<ModelScheduler> scheduler;
};

class IpvsModel {
 public:
  // Commands; false: refused.
  bool add_service(const director::ServiceConfig& config);
  bool edit_service(const director::ServiceConfig& config);
  bool remove_service(const director::ServiceKey& key);
  bool add_server(const director::ServiceKey& service, const director::ServerConfig& config);
  bool edit_server(const director::ServiceKey& service, const director::ServerConfig& config);
  bool remove_server(const director::ServiceKey& service, const IpAddr& address, Port port);
  void set_settings(const director::EngineSettings& settings) { settings_ = settings; }

  /// Nothing: the facts do not say what becomes of it (then nothing has happened).
  std::optional<ModelVerdict> packet(const ModelPacket& packet);
  void wait(Ticks length);

  const std::map<director::ServiceKey, ModelService>& services() const { return services_; }
  std::vector<ConnectionPointer> connections() const;
  /// The one that the next packet of this client uses; null: none.
  ConnectionPointer connection_of(const ModelPacket& packet) const;
  /// An entry stands that its successor has replaced in this tick.
  bool has_replaced() const;
  /// Connections without a server end with the next tick.
  bool is_about_to_flush() const { return flush_at_.has_value(); }
  /// A template and a connection of its were due in one tick: which goes first, and so whether the
  /// template lives on for a minute, is chance in the kernel.
  bool met_chance() const { return met_chance_; }
  ModelTime now() const { return now_; }

 private:
  struct Target {
    ServerPointer server;
    Port port{};
    ConnectionPointer controlled_by;
  };

  ServerPointer find_server(const ModelService& service, const IpAddr& address, Port port) const;
  ServerPointer take_from_trash(const director::ServiceKey& service, const IpAddr& address,
                                Port port);
  void throw_away(ModelService& service, const ServerPointer& server);
  ModelService* find_service(const ModelPacket& packet);
  ModelService* find_service(const director::ServiceKey& key);
  bool has_service_of(Family family) const;
  const director::ServiceConfig& service_of(const ModelServer& server) const;

  ConnectionPointer find(const ConnectionKey& key) const;
  ConnectionPointer connection_answered_by(const ModelPacket& packet) const;
  bool is_to_be_replaced(const ModelConnection& connection) const;
  bool may_open(const ModelPacket& packet) const;
  std::optional<ModelVerdict> schedule(const ModelPacket& packet);
  ModelVerdict no_destination(const ModelService& service, const ModelPacket& packet) const;
  std::optional<Target> choose(ModelService& service, const ModelPacket& packet);
  std::optional<Target> choose_persistent(ModelService& service, const ModelPacket& packet);
  ConnectionPointer make_template(ModelService& service, const ConnectionKey& key,
                                  const ServerPointer& server, Port port);
  bool is_template_usable(const ModelConnection& connection) const;
  void rekey(const ConnectionPointer& connection);
  ModelVerdict open(const ModelService& service, const ModelPacket& packet, const Target& target);

  ConnectionPointer add(ModelConnection connection);
  void see(ModelConnection& connection, const ModelPacket& packet, Direction direction);
  void set_active(ModelConnection& connection, bool active);
  void end_next_tick(ModelConnection& connection) const { connection.expires = now_ + 1; }
  void end(const ConnectionPointer& connection);
  void expire_at_now();
  void end_without_server();
  std::optional<ModelTime> next_event() const;

  director::EngineSettings settings_;
  std::map<director::ServiceKey, ModelService> services_;
  std::map<director::ServiceKey, director::ServiceConfig> removed_services_;
  ServerPointers trash_;
  std::map<ConnectionKey, std::list<ConnectionPointer>> table_;  ///< the newest of a key first
  std::optional<ModelTime> flush_at_;  ///< when connections without a server end by themselves
  ModelTime now_ = 0;
  bool met_chance_ = false;
  std::uint64_t made_ = 0;
};

/// The port that a server really gets: Route and Tunnel cannot map ports.
Port server_port_in(const director::ServiceKey& service, const director::ServerConfig& config);

}  // namespace lvs::test
