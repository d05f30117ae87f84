#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <map>

#include "net/wire/addr_text.h"
#include "tests/lab/director_figures.h"
#include "tests/lab/server_farm.h"
#include "tests/lab/shell.h"

// More servers than the neighbour table's first threshold of 128, at one director; servers whose
// MAC address changes, and servers that disappear.

namespace lvs::test {
namespace {

constexpr std::uint16_t kServers = 200;

std::string profile() {
  std::string servers;
  for (std::uint16_t i = 1; i <= kServers; ++i)
    servers += (i == 1 ? "\"" : ", \"") + to_string(IpAddr{ServerFarm::address(i)}) + "\"";
  return R"(name = "farm"
[[service]]
vip       = "192.168.1.99"
port      = 5353
protocol  = "udp"
method    = "dr"
scheduler = "rr"
servers   = [)" +
         servers + R"(]
[host.lb1]
role      = "director"
interface = "eth0"
address   = ["192.168.1.90/24", "192.168.2.254/24"]
)";
}

/// UDP flows from one client to the VIP, a socket each.
class Flows {
 public:
  Flows(const Netns& client, std::size_t count) {
    client.run([&] {
      sockaddr_in vip{};
      vip.sin_family = AF_INET;
      vip.sin_port = htons(5353);
      vip.sin_addr.s_addr = htonl(Ipv4Addr(192, 168, 1, 99).number());
      while (sockets_.size() < count) {
        sockets_.emplace_back(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets' own idiom
        const auto* const to = reinterpret_cast<const sockaddr*>(&vip);
        EXPECT_EQ(connect(sockets_.back().get(), to, sizeof vip), 0);
      }
      return true;
    });
  }
  /// A datagram whose text is the flow's number.
  void speak(std::size_t flow) {
    const std::string text = std::to_string(flow);
    EXPECT_EQ(send(sockets_[flow].get(), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
  }
  std::size_t size() const { return sockets_.size(); }

 private:
  std::vector<linux_net::UniqueFd> sockets_;
};

class DirectorNeighbours : public ::testing::Test {
 protected:
  void SetUp() override {
    lab_ = DirectorLab::make();
    auto where = Netns::make();
    if (!lab_ || !where) GTEST_SKIP() << "needs the right to make network namespaces";
    where_.emplace(*std::move(where));
    farm_ = std::make_unique<ServerFarm>(lab_->fabric, *where_, kServers);
    // The kernel looks at neighbours more often than every half minute, so that this is short.
    ASSERT_TRUE(succeeds_in(lab_->director.fd(), R"(
      ip address add 192.168.2.254/24 dev eth0
      cd /proc/sys/net/ipv4/neigh/eth0
      echo 1000 > base_reachable_time_ms
      echo 1 > delay_first_probe_time
      echo 200 > retrans_time_ms)"));
    lab_->run_director(profile());
  }
  DirectorFigures figures() const { return DirectorFigures(lab_->list()); }

  /// Every flow says something, and who heard it, by flow. All do, or the test has failed.
  std::map<std::string, ServerFarm::Got> all_speak(Flows& flows) {
    farm_->forget();
    for (std::size_t i = 0; i < flows.size(); ++i) flows.speak(i);
    std::map<std::string, ServerFarm::Got> heard;
    for (ServerFarm::Got& got : farm_->wait_for(flows.size(), in_seconds(20)))
      heard[got.text] = got;
    EXPECT_EQ(heard.size(), flows.size());
    return heard;
  }
  /// A flow speaks again and again until it is heard at this card of a server.
  void speak_until_heard(Flows& flows, std::size_t flow, std::uint8_t card) {
    const Clock::time_point deadline = in_seconds(30);
    while (Clock::now() < deadline) {
      farm_->forget();
      flows.speak(flow);
      for (const ServerFarm::Got& got : farm_->wait_for(1, in_milliseconds(100)))
        if (got.text == std::to_string(flow) && got.card == card) return;
    }
    ADD_FAILURE() << "flow " << flow << " did not reach the new card";
  }
  static Clock::time_point in_milliseconds(int length) {
    return Clock::now() + std::chrono::milliseconds(length);
  }
  void expect_nothing_waits() {
    const Clock::time_point deadline = in_seconds(20);
    while (figures().waiting() != 0) ASSERT_LT(Clock::now(), deadline);
    figures().expect_conserved();
  }

  std::unique_ptr<DirectorLab> lab_;
  std::optional<Netns> where_;
  std::unique_ptr<ServerFarm> farm_;
};

std::map<std::uint16_t, int> flows_by_server(const std::map<std::string, ServerFarm::Got>& heard) {
  std::map<std::uint16_t, int> flows;
  for (const auto& [text, got] : heard) ++flows[got.server];
  return flows;
}

TEST_F(DirectorNeighbours, TwoHundredServersAreAllReachedAlsoWhenTheKernelForgotThem) {
  Flows flows(lab_->client, std::size_t{2} * kServers);
  auto heard = all_speak(flows);
  const auto by_server = flows_by_server(heard);
  EXPECT_EQ(by_server.size(), kServers);
  for (const auto& [server, count] : by_server) EXPECT_EQ(count, 2) << server;
  EXPECT_EQ(figures().dropped("no_neighbour"), 0);

  // What the kernel does with entries beyond its threshold that nobody uses.
  ASSERT_TRUE(succeeds_in(lab_->director.fd(), "ip neigh flush dev eth0"));
  for (const auto& [text, got] : all_speak(flows)) EXPECT_EQ(got.server, heard[text].server);
  EXPECT_EQ(figures().dropped("no_neighbour"), 0);
  expect_nothing_waits();
}

TEST_F(DirectorNeighbours, AServerThatTellsOfItsNewCardIsReachedThere) {
  Flows flows(lab_->client, kServers);
  auto heard = all_speak(flows);
  const std::uint16_t changed = heard["7"].server;
  farm_->change_card(changed, true);
  speak_until_heard(flows, 7, 1);
  for (const auto& [text, got] : all_speak(flows)) EXPECT_EQ(got.server, heard[text].server);
  expect_nothing_waits();
}

/// The kernel finds out by itself: it asks the old card, which is silent, and then everybody.
TEST_F(DirectorNeighbours, AServerThatChangesItsCardSilentlyIsFoundAgain) {
  Flows flows(lab_->client, kServers);
  auto heard = all_speak(flows);
  farm_->change_card(heard["7"].server, false);
  speak_until_heard(flows, 7, 1);
  for (const auto& [text, got] : all_speak(flows)) EXPECT_EQ(got.server, heard[text].server);
  expect_nothing_waits();
}

TEST_F(DirectorNeighbours, AServerThatDisappearsCostsItsOwnFramesAloneAndKeepsNone) {
  Flows flows(lab_->client, kServers);
  auto heard = all_speak(flows);
  farm_->vanish(heard["7"].server);
  // Until the kernel has given it up its frames go to where it was.
  const Clock::time_point deadline = in_seconds(30);
  while (figures().dropped("no_neighbour") == 0) {
    flows.speak(7);
    ASSERT_LT(Clock::now(), deadline);
  }
  expect_nothing_waits();
  farm_->forget();
  for (std::size_t i = 0; i < flows.size(); ++i) flows.speak(i);
  const auto others = farm_->wait_for(flows.size() - 1, in_seconds(20));
  EXPECT_EQ(others.size(), flows.size() - 1);
  for (const ServerFarm::Got& got : others) EXPECT_EQ(got.server, heard[got.text].server);
  const std::string listed = lab_->director_command({"list"}).out;
  EXPECT_NE(listed.find("no answer to ARP for " +
                        to_string(IpAddr{ServerFarm::address(heard["7"].server)})),
            std::string::npos);
  expect_nothing_waits();
}

}  // namespace
}  // namespace lvs::test
