#include "tests/lab/server_farm.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>

#include "net/linux/rtnetlink.h"
#include "net/wire/arp.h"
#include "net/wire/ipv4.h"
#include "net/wire/transport.h"
#include "tests/lab/shell.h"

namespace lvs::test {
namespace {

void plug_in(const Netns& fabric, const Netns& where) {
  fabric.run([&] {
    auto routes = *linux_net::RouteSocket::open();
    EXPECT_TRUE(routes.add_veth("farm", "eth0", where.fd()));
    const LinkIndex port = routes.link_named("farm")->index;
    EXPECT_TRUE(routes.set_master(port, routes.link_named("lan")->index));
    EXPECT_TRUE(routes.set_up(port));
    return true;
  });
  // Every server's frames: the bridge sends those for MAC addresses that it has learnt there.
  EXPECT_TRUE(succeeds_in(where.fd(), "ip link set eth0 arp off up promisc on"));
}

linux_net::PacketSocket listen_there() {
  const LinkIndex link = linux_net::RouteSocket::open()->link_named("eth0")->index;
  auto socket = *linux_net::PacketSocket::open(link, {.ignore_outgoing = true});
  const int bytes = 16 << 20;  // for a datagram of every flow at once
  EXPECT_EQ(setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes), 0);
  return socket;
}

}  // namespace

Ipv4Addr ServerFarm::address(std::uint16_t server) {
  return {192, 168, 2, static_cast<std::uint8_t>(server)};
}
MacAddr ServerFarm::mac(std::uint16_t server, std::uint8_t card) {
  return MacAddr{{2, 0xfa, card, 0, 0, static_cast<std::uint8_t>(server)}};
}

ServerFarm::ServerFarm(const Netns& fabric, const Netns& where, std::uint16_t servers)
    : servers_(servers), stop_(eventfd(0, EFD_CLOEXEC)), cards_(servers + std::size_t{1}) {
  plug_in(fabric, where);
  socket_ = where.run(listen_there);
  thread_ = std::thread([this] { serve(); });
}

ServerFarm::~ServerFarm() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void ServerFarm::serve() {
  std::array<pollfd, 2> polled{{{stop_.get(), POLLIN, 0}, {socket_->fd(), POLLIN, 0}}};
  while (poll(polled.data(), polled.size(), -1) >= 0 && polled[0].revents == 0) {
    auto frame = socket_->receive_until(Clock::now());
    if (!frame || !*frame) continue;
    const std::lock_guard lock(mutex_);
    const auto ethernet = wire::ConstEthernetView::parse((*frame)->bytes);
    if (!ethernet) continue;
    if (ethernet->type() == wire::EtherType::Arp) {
      answer((*frame)->bytes);
    } else if (ethernet->type() == wire::EtherType::Ipv4) {
      take((*frame)->bytes);
    }
  }
}

void ServerFarm::answer(std::span<const std::uint8_t> frame) {
  const auto arp = wire::ConstArpView::parse(frame.subspan(wire::kEthernetHeader));
  if (!arp || arp->operation() != wire::ArpOperation::Request) return;
  const auto server = static_cast<std::uint16_t>(arp->target_ip().number() & 0xff);
  const bool is_ours = server != 0 && server <= servers_ && arp->target_ip() == address(server);
  if (!is_ours || vanished_.contains(server)) return;
  // Asked at one card, a host does not hear it at another.
  const MacAddr own = mac(server, cards_[server]);
  const MacAddr asked = wire::load_mac(frame, 0);
  if (!asked.is_multicast() && asked != own) return;
  EXPECT_TRUE(socket_->send(wire::make_arp({.ethernet_destination = arp->sender_mac(),
                                            .operation = wire::ArpOperation::Reply,
                                            .sender_mac = own,
                                            .sender_ip = address(server),
                                            .target_mac = arp->sender_mac(),
                                            .target_ip = arp->sender_ip()})));
}

void ServerFarm::announce(std::uint16_t server) {
  EXPECT_TRUE(socket_->send(
      wire::make_arp({.ethernet_destination = MacAddr{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
                      .operation = wire::ArpOperation::Request,
                      .sender_mac = mac(server, cards_[server]),
                      .sender_ip = address(server),
                      .target_ip = address(server)})));
}

std::uint16_t ServerFarm::server_with(const MacAddr& wanted) const {
  const std::uint16_t server = wanted.octets()[5];
  const bool is_present = server <= servers_ && server != 0 && !vanished_.contains(server) &&
                          mac(server, cards_[server]) == wanted;
  return is_present ? server : std::uint16_t{0};
}

void ServerFarm::take(std::span<const std::uint8_t> frame) {
  const std::uint16_t server = server_with(wire::load_mac(frame, 0));
  const auto ip = wire::ConstIpv4View::parse(frame.subspan(wire::kEthernetHeader));
  if (server == 0 || !ip || ip->protocol() != Protocol::Udp) return;
  const auto udp = wire::ConstTransportView::parse(*ip);
  if (!udp) return;
  got_.push_back({server, cards_[server], {udp->payload().begin(), udp->payload().end()}});
  came_.notify_all();
}

void ServerFarm::change_card(std::uint16_t server, bool tells) {
  const std::lock_guard lock(mutex_);
  ++cards_[server];
  if (tells) announce(server);
}

void ServerFarm::vanish(std::uint16_t server) {
  const std::lock_guard lock(mutex_);
  vanished_.insert(server);
}

std::vector<ServerFarm::Got> ServerFarm::wait_for(std::size_t count, Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  came_.wait_until(lock, deadline, [&] { return got_.size() >= count; });
  return got_;
}

void ServerFarm::forget() {
  const std::lock_guard lock(mutex_);
  got_.clear();
}

}  // namespace lvs::test
