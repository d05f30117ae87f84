#include "profiles/io/announce.h"

#include <linux/if_ether.h>

#include "net/linux/packet_socket.h"
#include "net/wire/arp.h"
#include "net/wire/ndisc.h"

namespace lvs::profiles {
namespace {

Result<void> announce_one(linux_net::PacketSocket& socket, const MacAddr& mac, const IpAddr& vip) {
  if (!vip.is_v4()) return socket.send(wire::make_neighbour_announcement(mac, vip.v6()));
  LVS_CHECK(socket.send(wire::make_arp_announcement(mac, vip.v4())));
  return socket.send(wire::make_arp({.ethernet_destination = MacAddr::broadcast(),
                                     .operation = wire::ArpOperation::Reply,
                                     .sender_mac = mac,
                                     .sender_ip = vip.v4(),
                                     .target_mac = MacAddr::broadcast(),
                                     .target_ip = vip.v4()}));
}

}  // namespace

Result<void> announce_vips(const linux_net::Link& link, const std::vector<IpAddr>& vips) {
  LVS_TRY(linux_net::PacketSocket socket,
          linux_net::PacketSocket::open(link.index, {.ethertype = ETH_P_ARP}));
  for (const IpAddr& vip : vips) LVS_CHECK(announce_one(socket, link.mac, vip));
  return {};
}

}  // namespace lvs::profiles
