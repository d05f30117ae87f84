#include "director/core/service_table.h"

#include <algorithm>
#include <string>
#include <utility>

#include "director/core/scheduler/start.h"
#include "director/core/service_check.h"

namespace lvs::director {
namespace {

ServiceRecord record_of(const ServiceConfig& config) {
  std::uint8_t flags = 0;
  if (config.expire_nodest_conn) flags |= service_flag::kExpireNodestConn;
  if (config.persistence) flags |= service_flag::kPersistent;
  if (config.one_packet) flags |= service_flag::kOnePacket;
  if (config.expire_quiescent_template) flags |= service_flag::kExpireQuiescentTemplate;
  return {.vip = config.key.vip,
          .tcp_timeout = seconds_to_ticks(config.tcp_timeout_s),
          .tcp_fin_timeout = seconds_to_ticks(config.tcp_fin_timeout_s),
          .udp_timeout = seconds_to_ticks(config.udp_timeout_s),
          .mark = config.key.mark,
          .port = config.key.port,
          .protocol = config.key.protocol,
          .flags = flags};
}

}  // namespace

ServiceTable::ServiceTable(std::span<const SchedulerName> schedulers, const SchedulerSetup& setup)
    : schedulers_(schedulers), setup_(setup) {}

Scheduler ServiceTable::make_scheduler(const ServiceConfig& config) const {
  SchedulerSetup setup = setup_;
  setup.flags = config.scheduler_flags;
  return std::ranges::find(schedulers_, config.scheduler, &SchedulerName::name)->make(setup);
}

Result<ServiceId> ServiceTable::add(const ServiceConfig& config) {
  LVS_CHECK(check_service(config, schedulers_));
  if (find(config.key)) return fail("service " + text_of(config.key) + " exists already");

  auto free = std::ranges::find_if(services_, [](const auto& slot) { return slot == nullptr; });
  if (free == services_.end()) free = services_.insert(free, nullptr);
  *free = std::make_unique<Service>(
      Service{config, record_of(config), make_scheduler(config), {}, {}, {}});
  const ServiceId id{static_cast<std::uint32_t>(free - services_.begin()) + 1};

  // The new index is made beside the one in use and swapped in.
  Index changed = index_;
  changed.emplace_back(config.key, id);
  set_index(std::move(changed));
  return id;
}

Result<void> ServiceTable::edit(const ServiceConfig& config) {
  LVS_CHECK(check_service(config, schedulers_));
  LVS_TRY(Service* const service, need_service(config.key));
  tell_changes(*service);
  // The same scheduler goes on where it is (facts of IPVS, 1.1).
  if (service->config.scheduler != config.scheduler) {
    service->scheduler = make_scheduler(config);
    start_scheduler(service->scheduler, list_of(*service));
  } else if (service->config.scheduler_flags != config.scheduler_flags) {
    std::visit(
        [&](auto& scheduler) {
          if constexpr (requires { scheduler.on_flags(config.scheduler_flags); })
            scheduler.on_flags(config.scheduler_flags);
        },
        service->scheduler);
  }
  service->config = config;
  service->record = record_of(config);
  return {};
}

Result<void> ServiceTable::remove(const ServiceKey& key, Tick now) {
  const std::optional<ServiceId> id = find(key);
  if (!id) return fail("no service " + text_of(key));
  Index changed = index_;
  std::erase_if(changed, [&](const auto& entry) { return entry.second == *id; });
  set_index(std::move(changed));

  const std::unique_ptr<Service> removed = std::move(services_[id->number - 1]);
  for (const ServerId server : removed->seats) discard(server, *removed, now);
  return {};
}

Result<ServerId> ServiceTable::add_server(const ServiceKey& key, const ServerConfig& given) {
  LVS_TRY(Service* const to, need_service(key));
  const ServerConfig config = with_forced_port(key, given);
  LVS_CHECK(check_server(key, config));
  if (seat_of(*to, config.address, config.port))
    return fail("server " + text_of(config.address, config.port) + " of " + text_of(key) +
                " exists already");
  tell_changes(*to);

  const ServerId id = take_from_trash(key, config);
  fill(id, config);
  ServerRecord& record = *server(id);
  record.last_weight = config.weight;
  record.service = *find(key);
  record.seat = static_cast<std::uint32_t>(to->seats.size());
  to->seats.push_back(id);
  to->changed.reserve(to->seats.capacity());  // so that packets never make it grow
  std::visit(
      [&](auto& scheduler) {
        if constexpr (requires { scheduler.on_added(list_of(*to)); })
          scheduler.on_added(list_of(*to));
      },
      to->scheduler);
  return id;
}

Result<void> ServiceTable::edit_server(const ServiceKey& key, const ServerConfig& given) {
  LVS_TRY(Service* const of, need_service(key));
  const ServerConfig config = with_forced_port(key, given);
  LVS_TRY(const std::size_t seat, need_seat(*of, config.address, config.port));
  LVS_CHECK(check_server(key, config));
  tell_changes(*of);
  fill(of->seats[seat], config);
  std::visit(
      [&](auto& scheduler) {
        if constexpr (requires { scheduler.on_edited(list_of(*of), seat); })
          scheduler.on_edited(list_of(*of), seat);
      },
      of->scheduler);
  return {};
}

Result<void> ServiceTable::remove_server(const ServiceKey& key, const IpAddr& address, Port port,
                                         Tick now) {
  LVS_TRY(Service* const of, need_service(key));
  LVS_TRY(const std::size_t seat, need_seat(*of, address, port));
  tell_changes(*of);
  const ServerId id = of->seats[seat];
  of->seats.erase(of->seats.begin() + static_cast<std::ptrdiff_t>(seat));
  for (std::size_t moved = seat; moved < of->seats.size(); ++moved)
    server(of->seats[moved])->seat = static_cast<std::uint32_t>(moved);
  std::visit(
      [&](auto& scheduler) {
        if constexpr (requires { scheduler.on_removed(list_of(*of), seat); })
          scheduler.on_removed(list_of(*of), seat);
      },
      of->scheduler);
  discard(id, *of, now);
  return {};
}

std::optional<ServerId> ServiceTable::schedule(Service& service, const NewFlow& flow) {
  tell_changes(service);
  const ServerList servers = list_of(service);
  const std::optional<std::size_t> seat =
      std::visit([&](auto& scheduler) { return scheduler.pick(servers, flow); }, service.scheduler);
  if (!seat) return std::nullopt;
  return service.seats[*seat];
}

void ServiceTable::on_time(Tick now) {
  for (const std::unique_ptr<Service>& service : services_) {
    if (service == nullptr) continue;
    std::visit(
        [&](auto& scheduler) {
          if constexpr (requires { scheduler.on_time(now); }) scheduler.on_time(now);
        },
        service->scheduler);
  }
}

void ServiceTable::tell_changes(Service& service) {
  const ServerList servers = list_of(service);
  for (const ServerId id : service.changed) {
    ServerRecord& record = *server(id);
    record.flags = static_cast<std::uint8_t>(record.flags & ~server_flag::kLoadChanged);
    std::visit(
        [&](auto& scheduler) {
          if constexpr (requires { scheduler.on_load(servers, std::size_t{}); })
            scheduler.on_load(servers, record.seat);
        },
        service.scheduler);
  }
  service.changed.clear();
}

Service* ServiceTable::service(ServiceId id) {
  return id.number == 0 || id.number > services_.size() ? nullptr : services_[id.number - 1].get();
}
const Service* ServiceTable::service(ServiceId id) const {
  return id.number == 0 || id.number > services_.size() ? nullptr : services_[id.number - 1].get();
}

ServerRecord* ServiceTable::server(ServerId id) {
  return id.number == 0 || id.number > servers_.size() ? nullptr : &servers_[id.number - 1];
}
const ServerRecord* ServiceTable::server(ServerId id) const {
  return id.number == 0 || id.number > servers_.size() ? nullptr : &servers_[id.number - 1];
}

Service* ServiceTable::find_service(const ServiceKey& key) {
  const std::optional<ServiceId> id = find(key);
  return id ? service(*id) : nullptr;
}

Result<Service*> ServiceTable::need_service(const ServiceKey& key) {
  if (Service* const found = find_service(key)) return found;
  return fail("no service " + text_of(key));
}

std::optional<std::size_t> ServiceTable::seat_of(const Service& service, const IpAddr& address,
                                                 Port port) const {
  const MappedAddr mapped{address};
  const auto found = std::ranges::find_if(service.seats, [&](ServerId id) {
    const ServerRecord& record = servers_[id.number - 1];
    return record.address == mapped && record.port == port;
  });
  if (found == service.seats.end()) return std::nullopt;
  return static_cast<std::size_t>(found - service.seats.begin());
}

Result<std::size_t> ServiceTable::need_seat(const Service& service, const IpAddr& address,
                                            Port port) const {
  if (const auto seat = seat_of(service, address, port)) return *seat;
  return fail("no server " + text_of(address, port) + " of " + text_of(service.config.key));
}

}  // namespace lvs::director
