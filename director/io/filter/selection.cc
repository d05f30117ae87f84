#include "director/io/filter/selection.h"

#include <algorithm>

#include "net/wire/ethernet.h"
#include "net/wire/ip.h"

namespace lvs::director {
namespace {

template <typename Addr>
bool is_whole_icmp_to(const std::vector<IpAddr>& own, std::span<const std::uint8_t> packet,
                      Protocol icmp) {
  const auto ip = wire::ConstIpView<Addr>::parse(packet);
  return ip && ip->protocol() == icmp && !ip->is_fragment() &&
         std::ranges::find(own, IpAddr{ip->destination()}) != own.end();
}

}  // namespace

std::vector<IpAddr> Selection::server_addresses() const {
  std::vector<IpAddr> all;
  for (const SelectedServer& server : servers) all.push_back(server.address);
  for (const SelectedService& service : services)
    if (service.is_reply && service.source) all.push_back(service.source->addr);
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

bool kernel_has_too(const Selection& selection, const Frame& frame) {
  const auto ethernet = wire::ConstEthernetView::parse(std::span<const std::uint8_t>(frame.bytes));
  if (!ethernet) return false;
  if (ethernet->type() == wire::EtherType::Ipv4)
    return is_whole_icmp_to<Ipv4Addr>(selection.own, ethernet->payload(), Protocol::Icmp);
  return ethernet->type() == wire::EtherType::Ipv6 &&
         is_whole_icmp_to<Ipv6Addr>(selection.own, ethernet->payload(), Protocol::Icmpv6);
}

}  // namespace lvs::director
