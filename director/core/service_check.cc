#include "director/core/service_check.h"

#include <algorithm>
#include <cstdint>

#include "net/wire/addr_text.h"

namespace lvs::director {
namespace {

constexpr std::uint32_t kLongestTimeout = 2678400;     // 31 days, as ipvsadm --set and -p allow
constexpr std::uint32_t kGreatestWeight = 0x7fffffff;  // the kernel's is signed
constexpr std::uint8_t kEveryFlag =
    SchedulerFlags::kFirst | SchedulerFlags::kSecond | SchedulerFlags::kThird;

bool is_timeout(std::uint32_t seconds) { return seconds > 0 && seconds <= kLongestTimeout; }

bool is_balanced(Protocol protocol) {
  return protocol == Protocol::Tcp || protocol == Protocol::Udp || protocol == Protocol::Sctp;
}

bool is_unspecified(const IpAddr& address) {
  return address == IpAddr{Ipv4Addr{}} || address == IpAddr{Ipv6Addr{}};
}

/// An address that one host can have.
bool is_unicast(const IpAddr& address) {
  if (is_unspecified(address)) return false;
  if (address.is_v4()) return address.v4().number() >> 28 < 0xe;
  return address.v6().octets()[0] != 0xff;
}

Result<void> check_key(const ServiceConfig& config) {
  const ServiceKey& key = config.key;
  if (key.mark != 0) {
    if (key.protocol != kAnyProtocol || key.port != Port{} || !is_unspecified(key.vip))
      return fail("service " + text_of(key) + ": a mark has no protocol, address or port");
    return {};
  }
  if (!is_balanced(key.protocol))
    return fail("service " + text_of(key) + ": only tcp, udp and sctp are balanced");
  if (key.port == Port{} && !config.persistence)
    return fail("service " + text_of(key) + ": port 0, which is every port, needs persistence");
  return {};
}

Result<void> check_persistence(const ServiceKey& key, const Persistence& persistence) {
  if (!is_timeout(persistence.timeout_s))
    return fail("service " + text_of(key) + ": the timeout of persistence is 1 to 2678400 seconds");
  if (persistence.mask < 1 || persistence.mask > key.vip.bits())
    return fail("service " + text_of(key) + ": the mask of persistence is 1 to " +
                std::to_string(key.vip.bits()) + " bits");
  return {};
}

}  // namespace

std::string text_of(const IpAddr& address, Port port) {
  const std::string text = to_string(address);
  return (address.is_v4() ? text : '[' + text + ']') + ':' + std::to_string(port.number);
}

std::string text_of(const ServiceKey& key) {
  if (key.mark == 0) return to_string(key.protocol) + ' ' + text_of(key.vip, key.port);
  return "mark " + std::to_string(key.mark) + (key.vip.is_v4() ? "" : " (ipv6)");
}

Result<void> check_service(const ServiceConfig& config, std::span<const SchedulerName> schedulers) {
  LVS_CHECK(check_key(config));
  const std::string service = "service " + text_of(config.key);
  if (std::ranges::find(schedulers, config.scheduler, &SchedulerName::name) == schedulers.end())
    return fail(service + ": no scheduler named " + config.scheduler);
  if ((config.scheduler_flags.bits & ~kEveryFlag) != 0)
    return fail(service + ": a scheduler has three flags");
  if (config.persistence) LVS_CHECK(check_persistence(config.key, *config.persistence));
  if (config.one_packet && config.key.mark == 0 && config.key.protocol != Protocol::Udp)
    return fail(service + ": one-packet scheduling is for udp and for marks");
  if (!is_timeout(config.tcp_timeout_s) || !is_timeout(config.tcp_fin_timeout_s) ||
      !is_timeout(config.udp_timeout_s))
    return fail(service + ": a timeout is 1 to 2678400 seconds");
  return {};
}

Result<void> check_server(const ServiceKey& service, const ServerConfig& config) {
  const std::string server =
      "server " + text_of(config.address, config.port) + " of " + text_of(service);
  if (!is_unicast(config.address)) return fail(server + ": not the address of one host");
  if (config.address.family() != service.family() && config.method != ForwardMethod::Tunnel)
    return fail(server + ": only a tunnel leads from one address family to the other");
  if (config.weight > kGreatestWeight) return fail(server + ": a weight is at most 2147483647");
  if (config.lower > config.upper)
    return fail(server + ": the lower threshold is above the upper one");
  if (config.method == ForwardMethod::Tunnel && config.tunnel.type == TunnelType::Gue &&
      config.tunnel.port == Port{})
    return fail(server + ": a gue tunnel needs a port");
  return {};
}

ServerConfig with_forced_port(const ServiceKey& service, ServerConfig config) {
  if (config.method == ForwardMethod::Route || config.method == ForwardMethod::Tunnel)
    config.port = service.port;
  return config;
}

}  // namespace lvs::director
