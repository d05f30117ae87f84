#include "tests/lab/peer_counters.h"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>

#include "net/linux/process.h"

namespace lvs::test {
namespace {

std::string nft(int netns_fd, std::vector<std::string> arguments) {
  const auto done =
      linux_net::run_program({.path = "nft", .args = std::move(arguments), .netns_fd = netns_fd},
                             std::chrono::seconds(20));
  EXPECT_TRUE(done && done->exit_code == 0) << (done ? done->err : done.error().what);
  return done ? done->out : "";
}

// "pkttype host": a bridge that has forgotten where a station is floods its frames to all.
std::string counting(const PeerCounters::Watched& watched) {
  return R"(
table netdev counted {
  counter to_vip_in {}
  counter from_vip_in {}
  counter to_vip_out {}
  counter from_vip_out {}
  counter to_vip_given {}
  chain in {
    type filter hook ingress device eth0 priority 0;
    meta pkttype host )" +
         watched.to + R"( counter name to_vip_in
    meta pkttype host )" +
         watched.from + R"( counter name from_vip_in
  }
  chain given {
    type filter hook ingress device lo priority 0;
    )" + watched.to +
         R"( counter name to_vip_given
  }
  chain out {
    type filter hook egress device eth0 priority 0;
    )" + watched.to +
         R"( counter name to_vip_out
    )" + watched.from +
         R"( counter name from_vip_out
  }
})";
}

long counted(int netns_fd, const std::string& name) {
  const std::string text = nft(netns_fd, {"list", "counter", "netdev", "counted", name});
  const std::size_t at = text.find("packets ");
  EXPECT_NE(at, std::string::npos) << text;
  return at == std::string::npos ? -1 : std::stol(text.substr(at + 8));
}

}  // namespace

PeerCounters::Watched PeerCounters::of_client(const std::string& address) {
  const bool is_v4 = address.find(':') == std::string::npos;
  const std::string family = is_v4 ? "ip " : "ip6 ";
  const std::string rest = address + " meta l4proto != " + (is_v4 ? "icmp" : "ipv6-icmp");
  return {family + "saddr " + rest, family + "daddr " + rest};
}

PeerCounters::PeerCounters(int client_netns_fd, std::vector<Server> servers, const Watched& watched)
    : client_(client_netns_fd), servers_(std::move(servers)) {
  nft(client_, {counting(watched)});
  for (const Server& server : servers_) nft(server.netns_fd, {counting(watched)});
}

PeerCounters::PeerCounters(int client_netns_fd, std::vector<Server> servers)
    : PeerCounters(client_netns_fd, std::move(servers), Watched{}) {}

PeerCounters::Balance PeerCounters::read() const {
  Balance balance{.sent = counted(client_, "to_vip_out"),
                  .returned = counted(client_, "from_vip_in")};
  for (const Server& server : servers_) {
    balance.received += counted(server.netns_fd, server.is_director ? "to_vip_given" : "to_vip_in");
    balance.answered += counted(server.netns_fd, "from_vip_out");
  }
  return balance;
}

std::string PeerCounters::by_host() const {
  std::string text;
  for (const Server& server : servers_)
    text += "\n" + server.name + "\n" + nft(server.netns_fd, {"list", "counters"});
  return text + "\nclient\n" + nft(client_, {"list", "counters"});
}

void PeerCounters::expect_conserved() const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  Balance balance = read();
  while (!balance.even() && std::chrono::steady_clock::now() < deadline) balance = read();
  EXPECT_EQ(balance.sent, balance.received) << "packets from the client to the VIP" << by_host();
  EXPECT_EQ(balance.answered, balance.returned)
      << "packets from the VIP to the client" << by_host();
}

}  // namespace lvs::test
