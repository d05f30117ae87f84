#include "director/core/service_table.h"

#include <algorithm>
#include <string>

#include "net/wire/addr_text.h"

namespace lvs::director {
namespace {

constexpr std::uint32_t kLongestTimeout = 2678400;  // 31 days, as ipvsadm --set allows

std::string text_of(Ipv4Addr address, Port port) {
  return to_string(address) + ':' + std::to_string(port.number);
}
std::string text_of(const ServiceKey& key) {
  return to_string(key.protocol) + ' ' + text_of(key.vip, key.port);
}

ServiceRecord<Ipv4Addr> record_of(const ServiceConfig& config) {
  return {.vip = config.key.vip,
          .tcp_timeout = seconds_to_ticks(config.tcp_timeout_s),
          .tcp_fin_timeout = seconds_to_ticks(config.tcp_fin_timeout_s),
          .udp_timeout = seconds_to_ticks(config.udp_timeout_s),
          .port = config.key.port,
          .protocol = config.key.protocol,
          .flags = config.expire_nodest_conn ? service_flag::kExpireNodestConn : std::uint8_t{0}};
}

bool is_timeout(std::uint32_t seconds) { return seconds > 0 && seconds <= kLongestTimeout; }

}  // namespace

const SchedulerName* ServiceTable::find_scheduler(const std::string& name) const {
  const auto found = std::ranges::find(schedulers_, name, &SchedulerName::name);
  return found == schedulers_.end() ? nullptr : &*found;
}

Result<void> ServiceTable::check(const ServiceConfig& config) const {
  if (config.key.protocol != Protocol::Tcp && config.key.protocol != Protocol::Udp)
    return fail("service " + text_of(config.key) + ": only tcp and udp are balanced");
  if (find_scheduler(config.scheduler) == nullptr)
    return fail("service " + text_of(config.key) + ": no scheduler named " + config.scheduler);
  if (!is_timeout(config.tcp_timeout_s) || !is_timeout(config.tcp_fin_timeout_s) ||
      !is_timeout(config.udp_timeout_s))
    return fail("service " + text_of(config.key) + ": a timeout is 1 to 2678400 seconds");
  return {};
}

Result<ServiceId> ServiceTable::add(const ServiceConfig& config) {
  LVS_CHECK(check(config));
  if (find(config.key)) return fail("service " + text_of(config.key) + " exists already");

  auto free = std::ranges::find_if(services_, [](const auto& slot) { return slot == nullptr; });
  if (free == services_.end()) free = services_.insert(free, nullptr);
  *free = std::make_unique<Service>(
      Service{config, record_of(config), find_scheduler(config.scheduler)->make(), {}, {}});
  const ServiceId id{static_cast<std::uint32_t>(free - services_.begin()) + 1};

  // The new index is made beside the one in use and swapped in.
  Index changed = index_;
  changed.emplace_back(config.key, id);
  std::ranges::sort(changed);
  index_.swap(changed);
  return id;
}

Result<void> ServiceTable::edit(const ServiceConfig& config) {
  LVS_CHECK(check(config));
  Service* const service = find_service(config.key);
  if (service == nullptr) return fail("no service " + text_of(config.key));
  // The same scheduler goes on where it is (facts of IPVS, 1.1).
  if (service->config.scheduler != config.scheduler)
    service->scheduler = find_scheduler(config.scheduler)->make();
  service->config = config;
  service->record = record_of(config);
  return {};
}

Result<void> ServiceTable::remove(const ServiceKey& key, Tick now) {
  const std::optional<ServiceId> id = find(key);
  if (!id) return fail("no service " + text_of(key));
  Index changed = index_;
  std::erase_if(changed, [&](const auto& entry) { return entry.second == *id; });
  index_.swap(changed);

  const std::unique_ptr<Service> removed = std::move(services_[id->number - 1]);
  for (const ServerId server : removed->order) discard(server, *removed, now);
  return {};
}

Result<ServerId> ServiceTable::add_server(const ServiceKey& key, const ServerConfig& config) {
  const std::optional<ServiceId> service_id = find(key);
  if (!service_id) return fail("no service " + text_of(key));
  Service& to = *service(*service_id);
  if (position_of(to, config.address, config.port))
    return fail("server " + text_of(config.address, config.port) + " of " + text_of(key) +
                " exists already");

  const ServerId id = take_from_trash(key, config);
  fill(id, *service_id, config);
  to.order.insert(to.order.begin(), id);
  std::visit([](auto& scheduler) { scheduler.on_added_at_head(); }, to.scheduler);
  return id;
}

Result<void> ServiceTable::edit_server(const ServiceKey& key, const ServerConfig& config) {
  Service* const of = find_service(key);
  if (of == nullptr) return fail("no service " + text_of(key));
  const std::optional<std::size_t> position = position_of(*of, config.address, config.port);
  if (!position)
    return fail("no server " + text_of(config.address, config.port) + " of " + text_of(key));
  const ServerId id = of->order[*position];
  fill(id, server(id)->service, config);
  return {};
}

Result<void> ServiceTable::remove_server(const ServiceKey& key, Ipv4Addr address, Port port,
                                         Tick now) {
  Service* const of = find_service(key);
  if (of == nullptr) return fail("no service " + text_of(key));
  const std::optional<std::size_t> position = position_of(*of, address, port);
  if (!position) return fail("no server " + text_of(address, port) + " of " + text_of(key));
  const ServerId id = of->order[*position];
  of->order.erase(of->order.begin() + static_cast<std::ptrdiff_t>(*position));
  std::visit([&](auto& scheduler) { scheduler.on_removed(*position); }, of->scheduler);
  discard(id, *of, now);
  return {};
}

std::optional<ServiceId> ServiceTable::find(const ServiceKey& key) const {
  const auto found = std::ranges::lower_bound(index_, key, {}, &Index::value_type::first);
  if (found == index_.end() || found->first != key) return std::nullopt;
  return found->second;
}

bool ServiceTable::has_vip(Protocol protocol, Ipv4Addr vip) const {
  const auto found = std::ranges::lower_bound(index_, ServiceKey{protocol, vip, Port{}}, {},
                                              &Index::value_type::first);
  return found != index_.end() && found->first.protocol == protocol && found->first.vip == vip;
}

Service* ServiceTable::service(ServiceId id) {
  return id.number == 0 || id.number > services_.size() ? nullptr : services_[id.number - 1].get();
}
const Service* ServiceTable::service(ServiceId id) const {
  return id.number == 0 || id.number > services_.size() ? nullptr : services_[id.number - 1].get();
}

ServerRecord<Ipv4Addr>* ServiceTable::server(ServerId id) {
  return id.number == 0 || id.number > servers_.size() ? nullptr : &servers_[id.number - 1];
}
const ServerRecord<Ipv4Addr>* ServiceTable::server(ServerId id) const {
  return id.number == 0 || id.number > servers_.size() ? nullptr : &servers_[id.number - 1];
}

Service* ServiceTable::find_service(const ServiceKey& key) {
  const std::optional<ServiceId> id = find(key);
  return id ? service(*id) : nullptr;
}

std::optional<std::size_t> ServiceTable::position_of(const Service& service, Ipv4Addr address,
                                                     Port port) const {
  const auto found = std::ranges::find_if(service.order, [&](ServerId id) {
    const ServerRecord<Ipv4Addr>& record = servers_[id.number - 1];
    return record.address == address && record.port == port;
  });
  if (found == service.order.end()) return std::nullopt;
  return static_cast<std::size_t>(found - service.order.begin());
}

std::optional<ServerId> ServiceTable::schedule(Service& service,
                                               const FlowKey<Ipv4Addr>& flow) const {
  const ServerList list{service.order, servers_};
  const std::optional<std::size_t> position =
      std::visit([&](auto& scheduler) { return scheduler.pick(list, flow); }, service.scheduler);
  if (!position) return std::nullopt;
  return service.order[*position];
}

}  // namespace lvs::director
