#include "director/core/ipvsadm/build.h"

#include <bit>

#include "director/core/ipvsadm/numbers.h"
#include "director/core/ipvsadm/scheduler_flags.h"
#include "director/core/service_check.h"
#include "net/base/result.h"
#include "net/wire/addr_text.h"

namespace lvs::director::ipvsadm {
namespace {

/// In IPv4 a dotted mask or the number of one ("24" is 0.0.0.24, as inet_aton() reads it), in IPv6
/// a length. ipvsadm takes masks with gaps, the engine does not.
Outcome<std::uint8_t> parse_mask(const std::string& text, Family family) {
  if (family == Family::Ipv6) {
    const auto length = parse_number(text, {1, 128});
    if (!length) return refuse("illegal ipv6 netmask specified");
    return static_cast<std::uint8_t>(*length);
  }
  const auto dotted = parse_ipv4(text);
  const auto number = dotted ? dotted->number() : parse_number(text, {0, 0xffffffff});
  if (!number || std::countl_one(*number) != std::popcount(*number))
    return refuse("illegal virtual server persistent mask specified");
  return static_cast<std::uint8_t>(std::popcount(*number));
}

Outcome<std::optional<Persistence>> persistence_of(const Draft& draft) {
  if (!draft.given.has(Option::Persistent)) return std::nullopt;
  const ServiceKey key = draft.service_key();
  Persistence persistence{.timeout_s = draft.persistence_s, .mask = key.vip.bits()};
  if (draft.given.has(Option::Netmask)) {
    LVS_TRY(persistence.mask, parse_mask(draft.netmask, key.family()));
  }
  return persistence;
}

Outcome<ServiceWish> service_wish(const Draft& draft) {
  ServiceWish wish{.config = {.key = draft.service_key()},
                   .persistence_engine = draft.persistence_engine};
  ServiceConfig& config = wish.config;
  if (!draft.scheduler.empty()) config.scheduler = draft.scheduler;
  LVS_TRY(config.scheduler_flags, parse_scheduler_flags(draft.scheduler_flags, config.scheduler));
  LVS_TRY(config.persistence, persistence_of(draft));
  config.one_packet = draft.given.has(Option::OnePacket);
  return wish;
}

template <typename T>
Outcome<Command> service_command(const Draft& draft) {
  LVS_TRY(ServiceWish wish, service_wish(draft));
  return Command{T{std::move(wish)}};
}

template <typename T>
Command server_command(const Draft& draft) {
  const ServiceKey key = draft.service_key();
  const ServerConfig config{.address = draft.server.address,
                            .port = draft.server.port.value_or(key.port),
                            .weight = draft.weight,
                            .method = draft.method,
                            .tunnel = {.type = draft.tunnel,
                                       .port = Port{static_cast<std::uint16_t>(draft.tunnel_port)},
                                       .checksum = draft.given.has(Option::TunChecksum)},
                            .upper = draft.upper,
                            .lower = draft.lower};
  return T{{.service = key,
            .config = key.mark == 0 ? with_forced_port(key, config) : config,
            .remote_checksum = draft.given.has(Option::TunRemoteChecksum)}};
}

std::optional<ServiceKey> optional_service(const Draft& draft) {
  if (!draft.given.has(Option::ServiceAddress)) return std::nullopt;
  return draft.service_key();
}

ListWhat what_to_list(const Draft& draft) {
  if (draft.given.has(Option::Connection)) return ListWhat::Connections;
  if (draft.given.has(Option::Timeout)) return ListWhat::Timeouts;
  return draft.given.has(Option::Daemon) ? ListWhat::Daemons : ListWhat::Services;
}

Command list_command(const Draft& draft) {
  const OptionSet& given = draft.given;
  return List{.what = what_to_list(draft),
              .service = optional_service(draft),
              .numeric = given.has(Option::Numeric),
              .stats = given.has(Option::Stats),
              .rate = given.has(Option::Rate),
              .exact = given.has(Option::Exact),
              .thresholds = given.has(Option::Thresholds),
              .persistent = given.has(Option::PersistentConn),
              .tunnels = given.has(Option::TunInfo),
              .unsorted = given.has(Option::NoSort)};
}

std::optional<DaemonRole> role_named(std::string_view name) {
  if (name == "master") return DaemonRole::Master;
  if (name == "backup") return DaemonRole::Backup;
  return std::nullopt;
}

Outcome<Command> start_daemon(const Draft& draft) {
  const auto role = role_named(draft.verb_value);
  if (!role) return refuse("illegal start-daemon parameter specified");
  return Command{StartDaemon{.role = *role,
                             .sync_id = static_cast<std::uint8_t>(draft.sync_id),
                             .longest_message = static_cast<std::uint16_t>(draft.longest_message),
                             .interface = draft.mcast_interface,
                             .group = draft.mcast_group,
                             .port = Port{static_cast<std::uint16_t>(draft.mcast_port)},
                             .ttl = static_cast<std::uint8_t>(draft.mcast_ttl)}};
}

Outcome<Command> stop_daemon(const Draft& draft) {
  const auto role = role_named(draft.verb_value);
  if (!role) return refuse("illegal start_daemon specified");
  return Command{StopDaemon{.role = *role, .sync_id = static_cast<std::uint8_t>(draft.sync_id)}};
}

/// Verbs with nothing to say beyond themselves, and the small ones.
Command small_command(const Draft& draft) {
  switch (draft.verb) {
    case Verb::DeleteService:
      return DeleteService{draft.service_key()};
    case Verb::DeleteServer:
      return DeleteServer{draft.service_key(), draft.server.address,
                          draft.server.port.value_or(draft.service_key().port)};
    case Verb::Clear:
      return Clear{};
    case Verb::SetTimeouts:
      return SetTimeouts{draft.timeouts[0], draft.timeouts[1], draft.timeouts[2]};
    case Verb::Zero:
      return Zero{optional_service(draft)};
    case Verb::Save:
      return Save{draft.given.has(Option::Numeric)};
    case Verb::Restore:
      return Restore{};
    case Verb::Version:
      return Version{};
    default:
      return Help{};
  }
}

}  // namespace

Outcome<Command> build_command(const Draft& draft) {
  switch (draft.verb) {
    case Verb::AddService:
      return service_command<AddService>(draft);
    case Verb::EditService:
      return service_command<EditService>(draft);
    case Verb::AddServer:
      return server_command<AddServer>(draft);
    case Verb::EditServer:
      return server_command<EditServer>(draft);
    case Verb::List:
      return list_command(draft);
    case Verb::StartDaemon:
      return start_daemon(draft);
    case Verb::StopDaemon:
      return stop_daemon(draft);
    default:
      return small_command(draft);
  }
}

}  // namespace lvs::director::ipvsadm
