#include "verify/lab/fault.h"

#include <linux/rtnetlink.h>

#include <algorithm>
#include <array>

#include "net/linux/rtnetlink.h"
#include "net/linux/sysctl.h"
#include "profiles/core/derive.h"

namespace lvs::verify {
namespace {

using profiles::Host;
using profiles::Profile;
using profiles::Role;

constexpr std::array<std::string_view, 6> kArpOff{
    "net/ipv4/conf/all/arp_ignore=0",   "net/ipv4/conf/all/arp_announce=0",
    "net/ipv4/conf/{nic}/arp_ignore=0", "net/ipv4/conf/{nic}/arp_announce=0",
    "net/ipv4/conf/lo/arp_ignore=0",    "net/ipv4/conf/lo/arp_announce=0"};
constexpr std::array<std::string_view, 6> kArpOnLoOnly{
    "net/ipv4/conf/all/arp_ignore=0",   "net/ipv4/conf/all/arp_announce=0",
    "net/ipv4/conf/{nic}/arp_ignore=0", "net/ipv4/conf/{nic}/arp_announce=0",
    "net/ipv4/conf/lo/arp_ignore=1",    "net/ipv4/conf/lo/arp_announce=2"};
constexpr std::array<std::string_view, 1> kNicDefeatsAll{"net/ipv4/conf/{nic}/arp_ignore=4"};

constexpr std::array kFaults{
    Fault{"F01", "the ARP sysctls of a real server are 0 everywhere", kArpOff, false},
    Fault{"F02", "the ARP sysctls of a real server are set on lo only", kArpOnLoOnly, false},
    Fault{"F03", "arp_ignore of a real server's NIC defeats that of `all`", kNicDefeatsAll, false},
    Fault{"F11", "the VIP is on a real server's NIC", {}, true},
};

std::string known_faults() {
  std::string text;
  for (const Fault& fault : kFaults) text += (text.empty() ? "" : ", ") + std::string{fault.id};
  return text;
}

const Host* victim(const Profile& profile, std::string_view name) {
  const auto at =
      std::find_if(profile.hosts.begin(), profile.hosts.end(), [name](const Host& host) {
        if (!name.empty()) return host.name == name && host.has(Role::RealServer);
        return host.has(Role::RealServer) && !host.has(Role::Director);
      });
  return at == profile.hosts.end() ? nullptr : &*at;
}

constexpr std::string_view kPlaceholder = "{nic}";

std::string with_nic(std::string_view text, const std::string& nic) {
  std::string out{text};
  if (const std::size_t at = out.find(kPlaceholder); at != std::string::npos)
    out.replace(at, kPlaceholder.size(), nic);
  return out;
}

}  // namespace

std::span<const Fault> faults() { return kFaults; }

Result<Injection> parse_injection(std::string_view text, const Profile& profile) {
  const std::size_t colon = text.find(':');
  const std::string_view id = text.substr(0, colon);
  const std::string_view name =
      colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const auto* const fault = std::find_if(kFaults.begin(), kFaults.end(),
                                         [id](const Fault& each) { return each.id == id; });
  if (fault == kFaults.end())
    return fail("no fault " + std::string{id} + "; there are " + known_faults());
  const Host* host = victim(profile, name);
  if (host == nullptr || host->nics.empty())
    return fail("no real server" + (name.empty() ? std::string{} : " " + std::string{name}) +
                " in the profile to break");
  Injection injection{.fault = fault, .host = host->name, .nic = {}, .vips = {}};
  injection.vips = profiles::vips_for(profile, *host);
  const auto* nic =
      injection.vips.empty() ? nullptr : profiles::nic_for(*host, injection.vips.front());
  injection.nic = nic == nullptr ? host->nics.front().name : nic->name;
  return injection;
}

Result<void> inject(const Injection& injection) {
  for (const std::string_view setting : injection.fault->sysctls) {
    const std::size_t equals = setting.find('=');
    LVS_CHECK(linux_net::write_sysctl(with_nic(setting.substr(0, equals), injection.nic),
                                      setting.substr(equals + 1)));
  }
  if (!injection.fault->vip_on_nic) return {};
  LVS_TRY(linux_net::RouteSocket socket, linux_net::RouteSocket::open());
  LVS_TRY(const linux_net::Link link, socket.link_named(injection.nic));
  for (const IpAddr& vip : injection.vips)
    LVS_CHECK(socket.add_address({.link = link.index,
                                  .addr = vip,
                                  .prefix_len = vip.bits(),
                                  .scope = RT_SCOPE_UNIVERSE,
                                  .label = {}}));
  return {};
}

}  // namespace lvs::verify
