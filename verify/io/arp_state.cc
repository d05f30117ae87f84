#include "verify/io/arp_state.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <vector>

#include "net/linux/rtnetlink.h"
#include "net/linux/sysctl.h"
#include "profiles/core/derive.h"

namespace lvs::verify {
namespace {

constexpr std::int64_t kSchema = 1;

Result<int> arp_ignore_of(const std::string& interface) {
  const std::string key = "net/ipv4/conf/" + interface + "/arp_ignore";
  LVS_TRY(const std::string text, linux_net::read_sysctl(key));
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return fail(key + " is no number: " + text);
  return value;
}

}  // namespace

Result<ArpState> read_arp_state(const profiles::Profile& profile, const profiles::Host& host) {
  const std::vector<IpAddr> vips = profiles::vips_for(profile, host);
  const profiles::Nic* nic = vips.empty() ? nullptr : profiles::nic_for(host, vips.front());
  if (nic == nullptr) return fail("host " + host.name + " serves no VIP", EINVAL);
  ArpState state;
  LVS_TRY(state.ignore_all, arp_ignore_of("all"));
  LVS_TRY(state.ignore_nic, arp_ignore_of(nic->name));
  LVS_TRY(state.ignore_lo, arp_ignore_of("lo"));
  LVS_TRY(linux_net::RouteSocket routes, linux_net::RouteSocket::open());
  LVS_TRY(const linux_net::Link link, routes.link_named(nic->name));
  LVS_TRY(const std::vector<linux_net::Address> addresses, routes.addresses());
  state.vip_on_nic = std::any_of(addresses.begin(), addresses.end(), [&](const auto& address) {
    return address.link == link.index && address.addr == vips.front();
  });
  return state;
}

Json to_json(const std::string& host, const ArpState& state) {
  return Json::object({{"schema", kSchema},
                       {"program", "lvs-verify"},
                       {"command", "arp-state"},
                       {"result", "read"},
                       {"host", host},
                       {"arp_ignore_all", state.ignore_all},
                       {"arp_ignore_nic", state.ignore_nic},
                       {"arp_ignore_lo", state.ignore_lo},
                       {"vip_on_nic", state.vip_on_nic}});
}

Result<NamedArpState> arp_state_from_json(const Json& document) {
  LVS_TRY(const std::int64_t schema, document.int_at("schema"));
  if (schema > kSchema)
    return fail("schema " + std::to_string(schema) + " is newer than ours, " +
                std::to_string(kSchema));
  NamedArpState named;
  LVS_TRY(named.host, document.text_at("host"));
  LVS_TRY(const std::int64_t all, document.int_at("arp_ignore_all"));
  LVS_TRY(const std::int64_t nic, document.int_at("arp_ignore_nic"));
  LVS_TRY(const std::int64_t lo, document.int_at("arp_ignore_lo"));
  LVS_TRY(named.state.vip_on_nic, document.bool_at("vip_on_nic"));
  named.state.ignore_all = static_cast<int>(all);
  named.state.ignore_nic = static_cast<int>(nic);
  named.state.ignore_lo = static_cast<int>(lo);
  return named;
}

}  // namespace lvs::verify
