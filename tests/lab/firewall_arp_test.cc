// arp = "nft": a real server with the VIP on lo and every ARP sysctl at its default, kept silent by
// a table of ours. What counts is what a neighbour sees on the wire.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "net/linux/fd.h"
#include "net/linux/packet_socket.h"
#include "net/linux/process.h"
#include "net/linux/sysctl.h"
#include "net/wire/arp.h"
#include "net/wire/ethernet.h"
#include "profiles/io/objects/objects.h"
#include "tests/lab/linux_support.h"

namespace lvs::profiles {
namespace {

using linux_net::Inside;
using linux_net::PacketSocket;
using linux_net::UniqueFd;

constexpr Ipv4Addr kVip(192, 168, 1, 99);
constexpr Ipv4Addr kRip(192, 168, 1, 91);
constexpr Ipv4Addr kClient(192, 168, 1, 1);
constexpr Ipv4Addr kNobody(192, 168, 1, 77);
constexpr MacAddr kAsker{{0x02, 0, 0, 0, 0, 0x42}};

sockaddr_in address_of(Ipv4Addr addr, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(addr.number());
  return address;
}

UniqueFd udp_socket(Ipv4Addr addr, std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = address_of(addr, port);
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return fd;
}

void send_to(const UniqueFd& fd, Ipv4Addr addr, std::uint16_t port) {
  const sockaddr_in address = address_of(addr, port);
  EXPECT_EQ(
      ::sendto(fd.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address),
      1);
}

class ArpTable : public linux_net::OwnNamespace {
 protected:
  void SetUp() override {
    OwnNamespace::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    client_.emplace(another_namespace());
    connect("eth0", *client_, "peer");
    run({"address", "add", "192.168.1.91/24", "dev", "eth0"});
    run({"address", "add", "192.168.1.99/32", "dev", "lo"});
    for (const char* place : {"all", "eth0", "lo"}) {
      for (const char* setting : {"arp_ignore", "arp_announce"}) {
        const std::string key = std::string("net/ipv4/conf/") + place + "/" + setting;
        ASSERT_TRUE(linux_net::write_sysctl(key, "0"));
      }
    }
    const Inside inside(*client_);
    run({"address", "add", "192.168.1.1/24", "dev", "peer"});
    auto socket =
        PacketSocket::open(link("peer").index, {.ethertype = ETH_P_ARP, .ignore_outgoing = true});
    ASSERT_TRUE(socket) << socket.error().what;
    wire_.emplace(*std::move(socket));
  }

  static void run(std::vector<std::string> args) {
    const auto done =
        linux_net::run_program({.path = "ip", .args = std::move(args)}, std::chrono::seconds(20));
    ASSERT_TRUE(done && done->exit_code == 0) << (done ? done->err : done.error().what);
  }
  void add_table() {
    auto routes = open_routes();
    const OwnTable table{
        NftFamily::Arp,
        "lvskit_web",
        "lvskit:web:arp",
        {ArpDropRequest{kVip}, ArpRewriteSender{kVip, kRip, "eth0"}, ArpDropReply{kVip}}};
    const auto made = add_object(routes, table);
    ASSERT_TRUE(made) << made.error().what;
  }
  /// Asks for the VIP, then for the RIP; the addresses that were claimed until the RIP was.
  std::vector<Ipv4Addr> claims() {
    EXPECT_TRUE(wire_->send(wire::make_arp_probe(kAsker, kVip)));
    EXPECT_TRUE(wire_->send(wire::make_arp_probe(kAsker, kRip)));
    std::vector<Ipv4Addr> claimed;
    while (const auto arp = next(wire::ArpOperation::Reply)) {
      claimed.push_back(arp->sender);
      if (arp->sender == kRip) break;
    }
    return claimed;
  }
  /// The sender's address in the server's question for somebody, when it talks from the VIP.
  std::optional<Ipv4Addr> asks_as(Ipv4Addr somebody) {
    send_to(udp_socket(kVip, 0), somebody, 9);
    while (const auto arp = next(wire::ArpOperation::Request))
      if (arp->target == somebody) return arp->sender;
    return std::nullopt;
  }

 private:
  struct Seen {
    Ipv4Addr sender;
    Ipv4Addr target;
  };
  /// The next ARP packet of the server's.
  std::optional<Seen> next(wire::ArpOperation operation) {
    const auto deadline = linux_net::soon();
    while (true) {
      const auto frame = wire_->receive_until(deadline);
      EXPECT_TRUE(frame && *frame);
      if (!frame || !*frame) return std::nullopt;
      const wire::ConstBytes bytes{(*frame)->bytes};
      const auto arp = wire::ConstArpView::parse(bytes.subspan(wire::kEthernetHeader));
      if (arp && arp->operation() == operation) return Seen{arp->sender_ip(), arp->target_ip()};
    }
  }

 protected:
  std::optional<linux_net::NetNamespace> client_;
  std::optional<PacketSocket> wire_;
};

TEST_F(ArpTable, WithoutItTheServerClaimsTheVip) {
  EXPECT_EQ(claims(), (std::vector{kVip, kRip}));
  EXPECT_EQ(asks_as(kNobody), kVip);
}

TEST_F(ArpTable, TheVipIsNotClaimedAndTheRipIs) {
  add_table();
  EXPECT_EQ(claims(), std::vector{kRip});
}

TEST_F(ArpTable, OwnRequestsCarryTheRip) {
  add_table();
  EXPECT_EQ(asks_as(kNobody), kRip);
}

TEST_F(ArpTable, TheServerStillTalksToItsNeighboursFromTheVip) {
  add_table();
  UniqueFd there;
  {
    const Inside inside(*client_);
    there = udp_socket(kClient, 5000);
    run({"neighbour", "add", "192.168.1.99", "lladdr", "02:00:00:00:00:01", "dev", "peer"});
  }
  send_to(udp_socket(kVip, 0), kClient, 5000);
  pollfd waiting{there.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&waiting, 1, 10'000), 1);
  sockaddr_in from{};
  socklen_t length = sizeof from;
  char byte = 0;
  EXPECT_EQ(::recvfrom(there.get(), &byte, 1, 0, reinterpret_cast<sockaddr*>(&from), &length), 1);
  EXPECT_EQ(ntohl(from.sin_addr.s_addr), kVip.number());
}

}  // namespace
}  // namespace lvs::profiles
