#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "director/core/config.h"
#include "director/core/frame.h"
#include "director/core/ftp/counters.h"
#include "director/core/ids.h"
#include "director/core/records.h"
#include "director/core/scheduler/table.h"
#include "director/core/service_table.h"
#include "director/core/verdict.h"
#include "net/base/link_index.h"
#include "net/base/result.h"
#include "net/base/time.h"
#include "net/wire/addr.h"

// The face of the engine. One thread owns an engine and makes every call on it; nothing here reads
// a clock, allocates on the packet path or does a system call.

namespace lvs::director {

struct EngineLimits {
  std::uint32_t connections = 1048576;
  std::uint32_t new_flows_per_second = 524288;
  std::uint32_t answers_per_second = 1000;
  std::uint32_t ftp_sessions = 4096;  ///< FTP control connections of method Masq that are helped
};

/// Random numbers that outsiders must not guess.
struct EngineSeed {
  std::uint64_t hash_key[2] = {0, 0};
};

/// A server's figures (facts of IPVS, sections 2.4 and 2.17).
struct ServerStatus {
  ServerId id{};
  ServerConfig config;
  std::uint32_t active = 0;
  std::uint32_t inactive = 0;
  std::uint32_t persistent = 0;  ///< templates
  FlowCounters counters;
};
struct ServiceStatus {
  ServiceId id{};
  ServiceConfig config;
  std::vector<ServerStatus> servers;  ///< in scheduling order: the newest first
  FlowCounters counters;
};
struct ConnectionStatus {
  Protocol protocol = Protocol::Tcp;  ///< kAnyProtocol: the template of a mark, `vip` is the mark
  IpAddr client{};
  Port client_port{};
  IpAddr vip{};
  Port vip_port{};
  IpAddr server{};
  Port server_port{};
  bool is_template = false;
  std::string_view state;  ///< "SYN_RECV", "ESTABLISHED" … as ipvsadm prints them
  Ticks expires_in{};
};

/// What a client's packets carry.
struct ClientFlow {
  Protocol protocol = Protocol::Tcp;
  IpAddr client{};
  Port client_port{};
  IpAddr vip{};
  Port vip_port{};
};

/// Memory for tables and how it is given back; aligned for std::max_align_t.
using TableMemory = std::unique_ptr<std::byte[], std::function<void(std::byte*)>>;

class Engine {
 public:
  /// `schedulers` is the table to look names up in (kSchedulers); a test gives another one.
  /// `memory` is for the connections: memory_bytes() of zeros. None: the engine takes some itself.
  Engine(const EngineLimits& limits, const EngineSeed& seed,
         std::span<const SchedulerName> schedulers, Tick now, TableMemory memory = {});
  static std::size_t memory_bytes(const EngineLimits& limits);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  Engine(Engine&&) = delete;
  Engine& operator=(Engine&&) = delete;

  // Configuration. Same identity = edited in place: connections and counters stay.
  Result<ServiceId> add_service(const ServiceConfig& config);  ///< an error when it is there
  Result<void> edit_service(const ServiceConfig& config);
  Result<void> remove_service(const ServiceKey& key, Tick now);
  Result<ServerId> add_server(const ServiceKey& service, const ServerConfig& config);
  Result<void> edit_server(const ServiceKey& service, const ServerConfig& config);
  Result<void> remove_server(const ServiceKey& service, const IpAddr& address, Port port, Tick now);
  /// In place of all earlier ones; the first that matches a packet gives it its mark.
  void set_marks(std::vector<MarkRule> rules);
  void set_settings(const EngineSettings& settings);

  /// An error when there are 65535.
  Result<NextHopId> add_next_hop(const NextHop& hop);
  void set_next_hop(NextHopId id, const NextHop& hop);
  const NextHop& next_hop(NextHopId id) const;

  // The ways back to clients, for replies of `nat` servers: asked for as replies come, remembered
  // in a bounded cache by address, forgotten whenever the kernel's routes change.
  /// Addresses that replies wait for (DropReason::NoRoute); each is told once.
  std::vector<IpAddr> take_wanted_routes();
  /// Returns what frames for this client wait for. No id: the kernel has no route.
  WaitKey set_route(const IpAddr& client, std::optional<NextHopId> hop);
  void forget_routes();

  /// Where the tables have a frame's flow, as far as its headers tell at a glance.
  struct Ahead {
    std::uint64_t place = 0;  ///< 0: nowhere
  };
  /// Judging a packet waits for memory twice, one wait after the other. A carrier with several
  /// frames in hand calls look_ahead() for each of them, then load_ahead() for each, and only then
  /// process(): so all their memory comes at the same time. Changes nothing and decides nothing.
  Ahead look_ahead(const Frame& frame) const;
  void load_ahead(Ahead ahead) const;

  /// The life of a packet. Rewrites the frame in place for Forward, writes an answer frame
  /// (Ethernet header included, to be sent on the ingress link) into `scratch` for Answer
  /// (kAnswerBytes are enough), and leaves the frame untouched for Local, Kernel and Wait. Counts
  /// everything but the verdict itself: the carrier calls count() when it has executed it, because
  /// a frame may still fail on its way out.
  static constexpr std::size_t kAnswerBytes = 1320;  // IPv6: 1280 and the Ethernet header
  Verdict process(Frame& frame, Tick now, std::span<std::uint8_t> scratch);
  /// Counts a frame's end. Call exactly once a received frame.
  void count(const Verdict& verdict);

  /// Ends what has expired; at most `limit` entries a call. True when there is more to do.
  bool expire(Tick now, std::size_t limit);

  const VerdictCounters& counters() const;
  const FtpCounters& ftp_counters() const;
  std::vector<ServiceStatus> services() const;
  /// Copies connections from table position `from` on, at most `limit`; returns the position to go
  /// on at, 0 at the end. Bounded work, so that a listing does not stop the packets.
  std::uint32_t connections(std::uint32_t from, std::size_t limit, Tick now,
                            std::vector<ConnectionStatus>& out) const;
  /// The conversation that a client's packets of these addresses and ports belong to; no template.
  std::optional<ConnectionStatus> find_connection(const ClientFlow& flow, Tick now) const;
  std::uint32_t connection_count() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace lvs::director
