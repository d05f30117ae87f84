#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "tests/lab/cluster.h"
#include "tests/lab/peer_counters.h"

// The promise of the README, with programs that are not ours: real curl, nginx, tcpdump and nft in
// the lab of a shipped profile. What is judged is what was on the wire.

namespace lvs::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kUrl = "http://192.168.1.99/";
constexpr int kConnections = 100;

/// The source port of "… 192.168.1.1.40000 > 192.168.1.99.80: …".
std::string source_port(const std::string& line) {
  const std::size_t arrow = line.find(" > 192.168.1.99.");
  if (arrow == std::string::npos) return "";
  const std::size_t dot = line.rfind('.', arrow);
  return line.substr(dot + 1, arrow - dot - 1);
}

/// Which server the wire says each connection reached, in the order in which the client opened
/// them.
std::vector<std::string> order_on_the_wire(
    const std::vector<std::string>& sent,
    const std::map<std::string, std::vector<std::string>>& arrived) {
  std::vector<std::string> order;
  for (const std::string& packet : sent) {
    std::string servers;
    for (const auto& [server, packets] : arrived)
      for (const std::string& seen : packets)
        if (source_port(seen) == source_port(packet)) servers += server;
    order.push_back(servers);
  }
  return order;
}

void expect_round_robin(const std::vector<std::string>& order, std::size_t count) {
  ASSERT_EQ(order.size(), count);
  EXPECT_TRUE(order[0] == "rs1" || order[0] == "rs2") << order[0];
  for (std::size_t i = 0; i < order.size(); ++i)
    EXPECT_EQ(order[i], (i % 2 == 0) == (order[0] == "rs2") ? "rs2" : "rs1") << "connection " << i;
}

std::string checksum(const std::string& text) { return text.substr(0, 64); }

/// A keep-alive connection of the client's, by plain socket calls.
class HeldConnection {
 public:
  explicit HeldConnection(int netns_fd) {
    std::thread([&] {
      if (setns(netns_fd, CLONE_NEWNET) != 0) return;
      socket_ = linux_net::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_port = htons(80);
      to.sin_addr.s_addr = inet_addr("192.168.1.99");
      // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what the call asks for
      if (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        socket_ = {};
    }).join();
  }
  bool connected() const { return static_cast<bool>(socket_); }

  /// One request over it; the body's first line, which is the server's name.
  std::string ask() const {
    const std::string request = "GET / HTTP/1.1\r\nHost: vip\r\n\r\n";
    if (write(socket_.get(), request.data(), request.size()) < 0) return "";
    std::string answer;
    while (answer.find("\r\n\r\n") == std::string::npos || answer.back() != '\n' ||
           answer.ends_with("\r\n\r\n")) {
      pollfd ready{socket_.get(), POLLIN, 0};
      if (poll(&ready, 1, 5000) != 1) return "";
      char bytes[2048];
      const ssize_t count = read(socket_.get(), bytes, sizeof bytes);
      if (count <= 0) return "";
      answer.append(bytes, static_cast<std::size_t>(count));
    }
    const std::size_t body = answer.find("\r\n\r\n") + 4;
    return answer.substr(body, answer.size() - body - 1);
  }

  /// True when nothing came, no byte, no FIN and no RST, until then.
  bool stays_open_until(Clock::time_point until) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    pollfd event{socket_.get(), POLLIN | POLLRDHUP, 0};
    return poll(&event, 1, static_cast<int>(std::max<long>(left.count(), 0))) == 0;
  }

 private:
  linux_net::UniqueFd socket_;
};

class Acceptance : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root to listen in the lab's namespaces";
  }
  void TearDown() override {
    if (HasFailure() && cluster_) ADD_FAILURE() << cluster_->director_log();
  }

  void bring_up(const std::string& profile, const std::vector<std::string>& servers,
                const std::string& director = "lvs-director") {
    cluster_ = Cluster::up(profile);
    ASSERT_TRUE(cluster_);
    cluster_->apply_on(servers);
    cluster_->run_director(director);
  }

  std::vector<std::string> curl(std::vector<std::string> more) const {
    std::vector<std::string> command{"curl",      "--silent", "--show-error",      "--fail",
                                     "--http1.1", "--header", "Connection: close", "--max-time",
                                     "60"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  }

  std::string hundred_curls() const {
    // One program, a hundred connections: curl makes a new one for each with Connection: close.
    return cluster_->ok_on("client",
                           curl({std::string{kUrl} + "?[1-" + std::to_string(kConnections) + "]"}));
  }

  PeerCounters::Server server(const std::string& host) const {
    return {host, cluster_->netns(host), host == "lb1"};
  }

  std::unique_ptr<Cluster> cluster_;
};

/// RST and ICMP that left the director's NIC with its own Ethernet address as the sender.
std::string refusals_of(const std::string& mac) {
  return "ether src " + mac + " and (icmp or (tcp[tcpflags] & tcp-rst != 0))";
}

TEST_F(Acceptance, DirectRoutingCarriesRealTrafficInExactOrder) {
  bring_up("dr.toml", {"rs1", "rs2"});
  if (HasFatalFailure()) return;
  const PeerCounters counters(cluster_->netns("client"), {server("rs1"), server("rs2")});
  const std::string refusals = refusals_of(cluster_->mac("lb1"));
  auto at_director = cluster_->listen("lb1", refusals);
  auto at_client = cluster_->listen("client", refusals);

  const HeldConnection held(cluster_->netns("client"));
  const auto opened = Clock::now();
  ASSERT_TRUE(held.connected());
  const std::string holder = held.ask();
  EXPECT_TRUE(holder == "rs1" || holder == "rs2") << holder;

  {
    const std::string syns =
        "dst host 192.168.1.99 and tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn";
    auto sent = cluster_->listen("client", syns);
    auto one = cluster_->listen("rs1", syns);
    auto two = cluster_->listen("rs2", syns);
    const std::string bodies = hundred_curls();
    const auto order =
        order_on_the_wire(sent->stop(), {{"rs1", one->stop()}, {"rs2", two->stop()}});
    expect_round_robin(order, kConnections);
    EXPECT_EQ(lines_of(bodies), order) << "what the servers say is not what the wire says";
  }
  {
    auto sent = cluster_->listen("client", "udp and dst host 192.168.1.99");
    auto one = cluster_->listen("rs1", "udp and dst host 192.168.1.99");
    auto two = cluster_->listen("rs2", "udp and dst host 192.168.1.99");
    cluster_->ok_on("client", {"lvs-verify", "rotation", cluster_->profile(), "--service",
                               "udp-192.168.1.99-7", "--connections", "40"});
    const auto order =
        order_on_the_wire(sent->stop(), {{"rs1", one->stop()}, {"rs2", two->stop()}});
    expect_round_robin(order, 40);
  }

  const std::string file = cluster_->scratch() / "hundred-megabytes";
  cluster_->ok_on("client", {"sh", "-c", "head -c 100000000 /dev/urandom > " + file});
  const std::string sum = checksum(cluster_->ok_on("client", {"sha256sum", file}));
  cluster_->ok_on("client", curl({"--upload-file", file, std::string{kUrl} + "upload"}));
  const std::string uploads = cluster_->ok_on(
      "client",
      {"sh", "-c",
       "find " + cluster_->scratch().string() + " -name upload -type f | xargs sha256sum"});
  ASSERT_EQ(lines_of(uploads).size(), 1u) << uploads;
  EXPECT_EQ(checksum(uploads), sum) << "100 MB up";

  const std::string fetched = cluster_->scratch() / "fetched";
  cluster_->ok_on("client", curl({"--output", fetched, std::string{kUrl} + "big"}));
  const std::string big = cluster_->ok_on(
      "client",
      {"sh", "-c", "find " + cluster_->scratch().string() + " -name big | xargs sha256sum"});
  EXPECT_GE(fs::file_size(fetched), 100'000'000u);
  EXPECT_EQ(checksum(cluster_->ok_on("client", {"sha256sum", fetched})), checksum(big)) << "down";

  // Sixty seconds of silence, in which nobody may close it; then the same server answers.
  EXPECT_TRUE(held.stays_open_until(opened + std::chrono::seconds(60)));
  EXPECT_EQ(held.ask(), holder);

  counters.expect_conserved();
  EXPECT_EQ(at_director->stop(), std::vector<std::string>{}) << "from the director's kernel";
  EXPECT_EQ(at_client->stop(), std::vector<std::string>{}) << "from the director's kernel";
  EXPECT_EQ(cluster_->stop_director(), 0);
}

TEST_F(Acceptance, WithoutWithholdingTheKernelsResetIsSeen) {
  bring_up("dr.toml", {"rs1", "rs2"});
  if (HasFatalFailure()) return;
  const std::string refusals = refusals_of(cluster_->mac("lb1"));
  auto at_director = cluster_->listen("lb1", refusals);
  auto at_client = cluster_->listen("client", refusals);
  cluster_->ok_on("lb1", {"nft", "delete table netdev lvskit_dr"});
  cluster_->on("client", curl({kUrl}));
  EXPECT_FALSE(at_director->stop().empty());
  EXPECT_FALSE(at_client->stop().empty());
}

TEST_F(Acceptance, TheRotationCheckFailsAgainstADirectorThatAlwaysTakesTheFirst) {
  bring_up("dr.toml", {"rs1", "rs2"}, "broken-director");
  if (HasFatalFailure()) return;
  const linux_net::Finished judged =
      cluster_->on("client", {"lvs-verify", "rotation", cluster_->profile()});
  EXPECT_EQ(judged.exit_code, 2) << judged.out << judged.err;
  EXPECT_NE(judged.out.find("FAIL  rotation.order"), std::string::npos) << judged.out;
}

TEST_F(Acceptance, TheDirectorServesItsOwnShareInOneSubnet) {
  bring_up("dr-one-subnet.toml", {"rs1"});
  if (HasFatalFailure()) return;
  const PeerCounters counters(cluster_->netns("client"), {server("rs1"), server("lb1")});
  const std::string bodies = hundred_curls();
  const std::vector<std::string> names = lines_of(bodies);
  ASSERT_EQ(names.size(), static_cast<std::size_t>(kConnections));
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_EQ(names[i], (i % 2 == 0) == (names[0] == "rs1") ? "rs1" : "lb1") << "connection " << i;

  // Two of each: one goes to the server, one to the director itself.
  const std::string file = cluster_->scratch() / "payload";
  cluster_->ok_on("client", {"sh", "-c", "head -c 50000000 /dev/urandom > " + file});
  const std::string sum = checksum(cluster_->ok_on("client", {"sha256sum", file}));
  for (int i = 0; i < 2; ++i)
    cluster_->ok_on("client", curl({"--upload-file", file, std::string{kUrl} + "upload"}));
  const auto uploads =
      lines_of(cluster_->ok_on("client", {"sh", "-c",
                                          "find " + cluster_->scratch().string() +
                                              " -name upload -type f | xargs sha256sum"}));
  ASSERT_EQ(uploads.size(), 2u);
  for (const std::string& upload : uploads) EXPECT_EQ(checksum(upload), sum) << upload;
  counters.expect_conserved();
}

}  // namespace
}  // namespace lvs::test
