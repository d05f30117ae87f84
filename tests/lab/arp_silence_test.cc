#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>

#include "net/linux/packet_socket.h"
#include "net/linux/process.h"
#include "net/linux/rtnetlink.h"
#include "net/linux/sysctl.h"
#include "net/wire/addr_text.h"
#include "net/wire/arp.h"
#include "net/wire/ethernet.h"
#include "tests/lab/role_profiles.h"
#include "tests/support/netns.h"

// A real server is set up and taken down many times while a client asks for the VIP a thousand
// times a second: no ARP frame from it may ever say that the VIP is its own. The control runs the
// same harness over the order of the published scripts (VIP first), and must catch them.

namespace lvs {
namespace {

using std::chrono::steady_clock;
using test::Netns;

constexpr Ipv4Addr kVip{192, 168, 1, 99};
constexpr Ipv4Addr kServer{192, 168, 1, 91};
constexpr Ipv4Addr kClient{192, 168, 1, 1};
constexpr int kRounds = 50;

/// ARP frames from the server, as the client heard them, counted by the listening thread.
struct Counts {
  int claims = 0;     ///< whose sender address is the VIP
  int own = 0;        ///< whose sender address is the server's own
  int questions = 0;  ///< requests for the client's address, its gateway
};

class Heard {
 public:
  void add(const wire::ConstArpView& arp) {
    const std::lock_guard lock(mutex_);
    counts_.claims += arp.sender_ip() == kVip ? 1 : 0;
    counts_.own += arp.sender_ip() == kServer ? 1 : 0;
    const bool question = arp.operation() == wire::ArpOperation::Request;
    counts_.questions += question && arp.target_ip() == kClient ? 1 : 0;
    changed_.notify_all();
  }
  Counts counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }
  /// True when `*field` has grown by `count` before the time is up.
  bool wait_for_more(int Counts::*field, int count, std::chrono::milliseconds longest) {
    std::unique_lock lock(mutex_);
    const int goal = counts_.*field + count;
    return changed_.wait_for(lock, longest, [&] { return counts_.*field >= goal; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Counts counts_;
};

constexpr std::chrono::seconds kLong{20};

/// Client and server on one wire, the client asking and listening all the time.
class ArpSilence : public testing::Test {
 protected:
  void SetUp() override {
    auto client = Netns::make();
    auto server = Netns::make();
    if (!client || !server) GTEST_SKIP() << "needs the right to make network namespaces (root)";
    client_.emplace(std::move(*client));
    server_.emplace(std::move(*server));
    ASSERT_TRUE(server_->run([&] { return wire_up_server(); }));
    ASSERT_TRUE(client_->run([&] { return wire_up_client(); }));
    asking_ = std::jthread([this](const std::stop_token& stop) { ask(stop); });
    listening_ = std::jthread([this](const std::stop_token& stop) { listen(stop); });
    ASSERT_TRUE(more_own(3)) << "the server never answered for its own address";
  }

  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  /// True when the server has told its own address `count` times more: then at least as many of the
  /// questions for the VIP that lie between were asked, too.
  bool more_own(int count) { return heard_.wait_for_more(&Counts::own, count, kLong); }

  bool wire_up_server() {
    auto route = linux_net::RouteSocket::open();
    if (!route || !route->add_veth("eth0", "eth0", client_->fd())) return false;
    const auto link = route->link_named("eth0");
    const auto lo = route->link_named("lo");
    if (!link || !lo || !route->set_up(link->index) || !route->set_up(lo->index)) return false;
    server_mac_ = link->mac;
    for (const char* key : {"net/ipv4/conf/all/arp_ignore", "net/ipv4/conf/all/arp_announce",
                            "net/ipv4/conf/eth0/arp_ignore", "net/ipv4/conf/eth0/arp_announce"})
      if (!linux_net::write_sysctl(key, "0")) return false;
    return route->add_address({.link = link->index, .addr = kServer, .prefix_len = 24}).has_value();
  }

  bool wire_up_client() {
    auto route = linux_net::RouteSocket::open();
    if (!route) return false;
    const auto link = route->link_named("eth0");
    if (!link || !route->set_up(link->index)) return false;
    if (!route->add_address({.link = link->index, .addr = kClient, .prefix_len = 24})) return false;
    auto ears = linux_net::PacketSocket::open(link->index, {.ethertype = ETH_P_ARP});
    auto mouth = linux_net::PacketSocket::open(link->index, {.ethertype = ETH_P_ARP});
    if (!ears || !mouth) return false;
    client_mac_ = link->mac;
    ears_.emplace(std::move(*ears));
    mouth_.emplace(std::move(*mouth));
    return true;
  }

  /// A thousand questions a second for the VIP, paced by the kernel's timer; each is followed by
  /// one for the server's own address, whose answers show that the server hears us.
  void ask(const std::stop_token& stop) {
    const linux_net::UniqueFd timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    const itimerspec every_millisecond{{0, 1'000'000}, {0, 1'000'000}};
    timerfd_settime(timer.get(), 0, &every_millisecond, nullptr);
    const auto who_has_vip = wire::make_arp_request(client_mac_, kClient, kVip);
    const auto who_has_server = wire::make_arp_request(client_mac_, kClient, kServer);
    while (!stop.stop_requested()) {
      std::uint64_t due = 0;
      if (read(timer.get(), &due, sizeof due) != sizeof due) return;
      for (; due > 0; --due) {
        if (mouth_->send(who_has_vip)) ++asked_;
        if (asked_ % 10 == 0 && !mouth_->send(who_has_server)) return;
      }
    }
  }

  void listen(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto got = ears_->receive_until(steady_clock::now() + std::chrono::milliseconds(50));
      if (!got || !*got) continue;
      const auto frame = wire::ConstEthernetView::parse((*got)->bytes);
      if (!frame || frame->source() != server_mac_) continue;
      if (const auto arp = wire::ConstArpView::parse(frame->payload())) heard_.add(*arp);
    }
  }

  /// The server forgets its gateway and asks for it again, with a packet whose source is the VIP:
  /// that is when arp_announce decides which address the question names as the sender's. Our own
  /// questions teach the server our address, so it may not need to ask: then once more.
  bool renew_gateway() {
    for (int attempt = 0; attempt < 50; ++attempt) {
      const Counts before = heard_.counts();
      if (!server_->run([] { return forget_gateway() && send_from_vip(); })) return false;
      if (heard_.counts().questions > before.questions) return true;
      if (heard_.wait_for_more(&Counts::questions, 1, std::chrono::milliseconds(100))) return true;
    }
    return false;
  }

  static bool forget_gateway() {
    auto route = linux_net::RouteSocket::open();
    if (!route) return false;
    const auto known = route->neighbours();
    if (!known) return false;
    for (const auto& neighbour : *known)
      if (neighbour.addr == IpAddr{kClient} && !route->remove_neighbour(neighbour)) return false;
    return true;
  }

  static bool send_from_vip() {
    const linux_net::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in from{};
    from.sin_family = AF_INET;
    from.sin_addr.s_addr = htonl(kVip.number());
    sockaddr_in to = from;
    to.sin_addr.s_addr = htonl(kClient.number());
    to.sin_port = htons(9);
    // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): what the socket calls ask for
    return bind(socket.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
           sendto(socket.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 1;
    // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  }

  /// lvs-realserver COMMAND on the server, from the folder of this test's own binary.
  int realserver(const std::string& command) {
    if (folder_.empty()) make_profile();
    const auto bin = std::filesystem::canonical("/proc/self/exe").parent_path();
    linux_net::Program program;
    program.path = bin / "lvs-realserver";
    program.args = {command,   folder_ / "silence.toml", "--host",      "rs1",
                    "--netns", server_->path(),          "--state-dir", folder_};
    const auto done = linux_net::run_program(program, std::chrono::seconds(20));
    if (!done) {
      ADD_FAILURE() << done.error().what;
      return -1;
    }
    if (done->exit_code != 0) ADD_FAILURE() << command << ": " << done->out << done->err;
    return done->exit_code;
  }

  void make_profile() {
    std::string name = std::filesystem::temp_directory_path() / "lvskit-silence-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::ofstream(folder_ / "silence.toml") << test::kWeb;
  }

  std::optional<Netns> client_;
  std::optional<Netns> server_;
  MacAddr client_mac_{};
  MacAddr server_mac_{};
  std::optional<linux_net::PacketSocket> ears_;
  std::optional<linux_net::PacketSocket> mouth_;
  std::atomic<long> asked_{0};
  Heard heard_;
  std::filesystem::path folder_;
  std::jthread asking_;
  std::jthread listening_;
};

TEST_F(ArpSilence, HoldsWhileTheServerIsSetUpAndTakenDownFiftyTimes) {
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_EQ(realserver("apply"), 0) << "round " << round;
    ASSERT_TRUE(renew_gateway()) << "round " << round;
    ASSERT_EQ(realserver("revert"), 0) << "round " << round;
    ASSERT_TRUE(more_own(1)) << "round " << round;
  }
  EXPECT_EQ(heard_.counts().claims, 0) << "of " << asked_ << " questions";
  EXPECT_GT(asked_, kRounds * 10) << "the harness asked too little to prove anything";
}

TEST_F(ArpSilence, IsSeenToBreakWhenTheVipComesBeforeTheSysctls) {
  const bool set_up_backwards = server_->run([&] {
    auto route = linux_net::RouteSocket::open();
    const auto lo = route->link_named("lo");
    if (!lo || !route->add_address({.link = lo->index, .addr = kVip, .prefix_len = 32}))
      return false;
    return more_own(2) &&
           linux_net::write_sysctl("net/ipv4/conf/all/arp_announce", "2").has_value() &&
           linux_net::write_sysctl("net/ipv4/conf/all/arp_ignore", "1").has_value();
  });
  ASSERT_TRUE(set_up_backwards);
  EXPECT_GT(heard_.counts().claims, 0) << "the harness cannot see what it is there to see";
}

TEST_F(ArpSilence, IsSeenToBreakByARenewalWithoutArpAnnounce) {
  const bool answers_hidden = server_->run([&] {
    auto route = linux_net::RouteSocket::open();
    const auto lo = route->link_named("lo");
    return linux_net::write_sysctl("net/ipv4/conf/all/arp_ignore", "1").has_value() && lo &&
           route->add_address({.link = lo->index, .addr = kVip, .prefix_len = 32}).has_value();
  });
  ASSERT_TRUE(answers_hidden);
  ASSERT_TRUE(renew_gateway());
  EXPECT_GT(heard_.counts().claims, 0);
}

}  // namespace
}  // namespace lvs
