#include "verify/lab/lab_sysctls.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace lvs::verify {
namespace {

using Row = std::pair<std::string_view, std::string_view>;

// rp_filter is 0 and not a distribution's 2: the kernel's own default, stated so that nothing
// hides.
constexpr std::array kIpv4Rows{
    Row{"arp_announce", "0"},     Row{"arp_ignore", "0"},          Row{"arp_filter", "0"},
    Row{"arp_notify", "0"},       Row{"arp_accept", "0"},          Row{"drop_gratuitous_arp", "0"},
    Row{"proxy_arp", "0"},        Row{"rp_filter", "0"},           Row{"accept_local", "0"},
    Row{"route_localnet", "0"},   Row{"send_redirects", "1"},      Row{"accept_redirects", "0"},
    Row{"secure_redirects", "1"}, Row{"accept_source_route", "0"}, Row{"log_martians", "0"},
};

// No duplicate address detection: an address must be usable at once, and a lab has no duplicates
// but those that it makes on purpose.
constexpr std::array kIpv6Rows{
    Row{"accept_dad", "0"},
    Row{"dad_transmits", "0"},
    Row{"accept_ra", "0"},
    Row{"autoconf", "0"},
};

bool has_ipv6(const LabHost& host) {
  return std::any_of(host.nics.begin(), host.nics.end(), [](const LabNic& nic) {
    return std::any_of(nic.addresses.begin(), nic.addresses.end(),
                       [](const Prefix& address) { return !address.addr.is_v4(); });
  });
}

void add_conf(std::vector<SysctlSetting>& out, const LabHost& host, const std::string& interface) {
  const std::string v4 = "net/ipv4/conf/" + interface + "/";
  const std::string v6 = "net/ipv6/conf/" + interface + "/";
  // First of all: writing `forwarding` of `all` resets other values of every interface. Forwarding
  // is a router's set-up, not its surroundings.
  out.push_back({v4 + "forwarding", "0"});
  for (const auto& [name, value] : kIpv4Rows)
    out.push_back({v4 + std::string{name}, std::string{value}});
  out.push_back({v6 + "forwarding", "0"});
  for (const auto& [name, value] : kIpv6Rows)
    out.push_back({v6 + std::string{name}, std::string{value}});
  out.push_back({v6 + "disable_ipv6", has_ipv6(host) ? "0" : "1"});
}

}  // namespace

std::vector<SysctlSetting> host_sysctls(const LabHost& host) {
  std::vector<SysctlSetting> settings;
  settings.push_back({"net/ipv4/ip_forward", "0"});
  settings.push_back({"net/ipv4/ip_nonlocal_bind", "0"});
  settings.push_back({"net/ipv4/ip_default_ttl", "64"});
  settings.push_back({"net/ipv4/icmp_echo_ignore_all", "0"});
  for (const char* interface : {"all", "default", "lo"}) add_conf(settings, host, interface);
  return settings;
}

std::vector<SysctlSetting> interface_sysctls(const LabHost& host, const std::string& interface) {
  std::vector<SysctlSetting> settings;
  add_conf(settings, host, interface);
  return settings;
}

}  // namespace lvs::verify
