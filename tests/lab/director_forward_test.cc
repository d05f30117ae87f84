#include <gtest/gtest.h>
#include <linux/if.h>
#include <linux/netfilter.h>

#include <algorithm>
#include <csignal>
#include <fstream>

#include "net/linux/nftables.h"
#include "net/linux/rtnetlink.h"
#include "net/wire/describe.h"
#include "net/wire/ethernet.h"
#include "tests/lab/director_lab.h"
#include "tests/lab/peer_counters.h"

namespace lvs::test {
namespace {

constexpr const char* kTwo = R"(["rs1", "rs2"])";

/// What this NIC sent, a line each. A server may refuse by itself: between two processors of a busy
/// machine a veth can hand it the client's last two segments the wrong way round.
std::string sent_by(const MacAddr& nic, const std::vector<linux_net::ReceivedFrame>& frames) {
  std::string text;
  for (const linux_net::ReceivedFrame& frame : frames)
    if (wire::load_mac(frame.bytes, 6) == nic) text += wire::describe(frame.bytes) + '\n';
  return text;
}

class DirectorForward : public ::testing::Test {
 protected:
  void SetUp() override {
    lab_ = DirectorLab::make();
    if (!lab_) GTEST_SKIP() << "needs the right to make network namespaces (CAP_SYS_ADMIN)";
    one_ = std::make_unique<CountingServer>(lab_->rs1, "rs1");
    two_ = std::make_unique<CountingServer>(lab_->rs2, "rs2");
    peers_.emplace(
        lab_->client.fd(),
        std::vector<PeerCounters::Server>{
            {"rs1", lab_->rs1.fd()}, {"rs2", lab_->rs2.fd()}, {"lb1", lab_->director.fd(), true}});
  }
  void TearDown() override {
    if (lab_ && !loses_packets_) peers_->expect_conserved();
  }

  /// Who answered each of `count` connections, one after the other.
  std::string order(int count) {
    std::string order;
    for (int i = 0; i < count; ++i) order += lab_->ask("x").substr(0, 3) + " ";
    return order;
  }
  std::int64_t counter(std::string_view name) const {
    return *lab_->list().find("counters")->int_at(name);
  }
  /// The director's own figures, all of one moment.
  void expect_conserved() const {
    peers_->expect_conserved();  // waits for what is on its way
    const Json listed = lab_->list();
    const auto of = [&](std::string_view name) { return *listed.find("counters")->int_at(name); };
    EXPECT_EQ(of("received"),
              of("forward") + of("local") + of("kernel") + of("answer") + of("drop"));
  }
  std::vector<linux_net::NftTable> tables() const {
    return lab_->director.run([] { return *linux_net::find_tables("lvskit_"); });
  }

  std::unique_ptr<DirectorLab> lab_;
  std::unique_ptr<CountingServer> one_, two_;
  std::optional<PeerCounters> peers_;
  bool loses_packets_ = false;  ///< said by a test whose point is that packets find nobody
};

/// Until then the link drops what it is given, without a word.
bool wait_until_operational(linux_net::RouteSocket& routes, const std::string& link) {
  const Clock::time_point deadline = in_seconds(10);
  while (routes.link_named(link)->oper_state != IF_OPER_UP)
    if (Clock::now() > deadline) return false;
  return true;
}

std::string repeated(const std::string& what, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += what;
  return all;
}

TEST_F(DirectorForward, ServesConnectionsInExactRoundRobinOrder) {
  Trap syns_one(lab_->rs1, kSyns);
  Trap syns_two(lab_->rs2, kSyns);
  lab_->run_director(profile_text(kTwo));
  // The newest server is at the head of the list, as in IPVS.
  EXPECT_EQ(order(20), repeated("rs2 rs1 ", 10));
  EXPECT_EQ(syns_one.caught().size(), 10u);
  EXPECT_EQ(syns_two.caught().size(), 10u);
  expect_conserved();
}

TEST_F(DirectorForward, TheBrokenDirectorIsSeenToBeBroken) {
  lab_->run_director(profile_text(kTwo), "broken-director");
  EXPECT_EQ(order(6), repeated("rs2 ", 6));
}

TEST_F(DirectorForward, CarriesAnUploadOf100MegabytesWithOffloadsOn) {
  lab_->run_director(profile_text(kTwo));
  std::string bytes(std::size_t{100} * 1000 * 1000, '\0');
  std::uint32_t number = 1;
  for (char& byte : bytes) {
    number = number * 1664525u + 1013904223u;
    byte = static_cast<char>(number >> 24);
  }
  EXPECT_EQ(lab_->ask(bytes), "rs2 " + answer_to(bytes));
  EXPECT_LT(counter("forward"), 60000) << "super-frames came as such, not in 1448-byte segments";
  expect_conserved();
}

TEST_F(DirectorForward, ServesItsOwnShareByteExactWithOffloadsOn) {
  CountingServer own(lab_->director, "lb1");
  lab_->run_director(profile_text(R"(["rs1", "lb1"])"));
  const std::string bytes(std::size_t{10} * 1000 * 1000, 'x');
  EXPECT_EQ(lab_->ask(bytes), "lb1 " + answer_to(bytes));
  EXPECT_EQ(lab_->ask(bytes), "rs1 " + answer_to(bytes));
  EXPECT_EQ(order(4), "lb1 rs1 lb1 rs1 ");
  EXPECT_GT(counter("local"), 0);
  expect_conserved();
}

TEST_F(DirectorForward, ItsKernelRefusesNothingWhileServicesAreWithheld) {
  Trap refusals(lab_->client, kRefusals);
  Trap sent(lab_->director, kRefusals);
  lab_->run_director(profile_text(kTwo));
  EXPECT_EQ(order(10), repeated("rs2 rs1 ", 5));
  EXPECT_EQ(sent_by(mac_of(lab_->director), refusals.caught()), "");
  EXPECT_EQ(sent_by(mac_of(lab_->director), sent.caught()), "");
}

TEST_F(DirectorForward, ItsKernelIsSeenToRefuseWithoutWithholding) {
  loses_packets_ = true;
  Trap refusals(lab_->client, kRefusals);
  lab_->run_director(profile_text(kTwo));
  lab_->director.run([] {
    linux_net::NftBatch batch;
    batch.delete_table(NFPROTO_NETDEV, "lvskit_lab");
    EXPECT_TRUE(batch.commit());
    return true;
  });
  lab_->ask("x");
  const auto refusal = refusals.wait_for_one(in_seconds(10));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(wire::load_mac(refusal->bytes, 6), mac_of(lab_->director));
}

TEST_F(DirectorForward, SigtermTakesBackWhatTheRunAdded) {
  // IPv4 only: a link-local IPv6 address comes by itself when its duplicate detection is over.
  const auto addresses = [&] {
    return lab_->director.run([] {
      auto all = *linux_net::RouteSocket::open()->addresses();
      std::erase_if(all, [](const linux_net::Address& one) { return !one.addr.is_v4(); });
      return all;
    });
  };
  const auto before = addresses();
  lab_->run_director(profile_text(kTwo));
  EXPECT_NE(addresses(), before);
  EXPECT_EQ(tables().size(), 1u);
  EXPECT_EQ(lab_->stop_director(SIGTERM), 0) << lab_->director_log();
  EXPECT_EQ(addresses(), before);
  EXPECT_TRUE(tables().empty());
}

TEST_F(DirectorForward, AfterAKillTheKernelStaysSilentAndTheNextRunTakesOver) {
  loses_packets_ = true;
  lab_->run_director(profile_text(kTwo));
  EXPECT_EQ(order(2), "rs2 rs1 ");
  lab_->stop_director(SIGKILL);
  EXPECT_EQ(lab_->director_command({"list"}).exit_code, 1);

  Trap refusals(lab_->client, kRefusals);
  Trap syns(lab_->director, kSyns);
  std::string answer;
  std::thread asking([&] { answer = lab_->ask("x"); });
  EXPECT_TRUE(syns.wait_for_one(in_seconds(10)));
  EXPECT_TRUE(syns.wait_for_one(in_seconds(10))) << "the client asks again: nobody refused";
  // Judged before there is a director again: it may rightly reset what its predecessor served.
  EXPECT_EQ(sent_by(mac_of(lab_->director), refusals.caught()), "");
  lab_->run_director(profile_text(kTwo));
  asking.join();
  EXPECT_EQ(answer.substr(0, 2), "rs");
  EXPECT_EQ(lab_->stop_director(SIGTERM), 0) << lab_->director_log();
}

TEST_F(DirectorForward, RefusesASecondDirectorNamingTheFirst) {
  lab_->run_director(profile_text(kTwo));
  const auto second = lab_->director_command({"run", lab_->folder() / "profile.toml"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find("pid"), std::string::npos) << second.err;
  EXPECT_EQ(order(2), "rs2 rs1 ") << "the first one is undisturbed";
}

TEST_F(DirectorForward, ListSaysHowToStartADirectorWhenNoneRuns) {
  const auto listed = lab_->director_command({"list"});
  EXPECT_EQ(listed.exit_code, 1);
  EXPECT_NE(listed.err.find("lvs-director run PROFILE"), std::string::npos) << listed.err;
}

TEST_F(DirectorForward, ListsEveryConnectionOverSeveralPages) {
  lab_->run_director(profile_text(kTwo));
  order(300);
  const auto listed = lab_->director_command({"list", "--connections", "--json"});
  const auto document = parse_json(listed.out);
  ASSERT_TRUE(document) << listed.out.substr(0, 200);
  EXPECT_EQ(document->find("connection_list")->as_array()->size(), 300u);
}

TEST_F(DirectorForward, AServerThatDoesNotAnswerArpIsSaidSoAndOthersServe) {
  loses_packets_ = true;
  lab_->rs2.run([] {
    auto routes = *linux_net::RouteSocket::open();
    EXPECT_TRUE(routes.set_down(routes.link_named("eth0")->index));
    return true;
  });
  lab_->run_director(profile_text(kTwo));
  std::thread asking([&] { lab_->ask("x"); });  // its SYNs go to rs2
  const Clock::time_point deadline = in_seconds(20);
  while (lab_->director_command({"list"}).out.find("no answer to ARP") == std::string::npos)
    ASSERT_LT(Clock::now(), deadline);
  EXPECT_EQ(lab_->ask("x").substr(0, 3), "rs1");
  lab_->rs2.run([] {
    auto routes = *linux_net::RouteSocket::open();
    EXPECT_TRUE(routes.set_up(routes.link_named("eth0")->index));
    return true;
  });
  asking.join();
}

TEST_F(DirectorForward, ReceivesAgainOnANicThatWentDownAndCameBack) {
  lab_->run_director(profile_text(kTwo));
  EXPECT_EQ(order(2), "rs2 rs1 ");
  peers_->expect_conserved();  // nothing is on its way any more when the NIC goes
  lab_->director.run([] {
    auto routes = *linux_net::RouteSocket::open();
    const LinkIndex link = routes.link_named("eth0")->index;
    EXPECT_TRUE(routes.set_down(link));
    EXPECT_TRUE(routes.set_up(link));
    return wait_until_operational(routes, "eth0");
  });
  lab_->fabric.run([] {
    auto routes = *linux_net::RouteSocket::open();
    return wait_until_operational(routes, "director");
  });
  EXPECT_EQ(order(2), "rs2 rs1 ");
  expect_conserved();
}

TEST_F(DirectorForward, RefusesAProfileThatItWouldNotForwardAsSaidAndTouchesNothing) {
  // What the director gets itself is not rewritten, so it cannot be at another port.
  std::string profile = profile_text(R"(["rs1", { host = "lb1", port = 8080 }])");
  profile.replace(profile.find("\"dr\""), 4, "\"nat\"");
  std::ofstream(lab_->folder() / "mapped.toml") << profile;
  const auto refused = lab_->director_command({"run", lab_->folder() / "mapped.toml"});
  EXPECT_EQ(refused.exit_code, 65);
  EXPECT_NE(refused.err.find("its port must be 80"), std::string::npos) << refused.err;
  EXPECT_TRUE(tables().empty());
}

}  // namespace
}  // namespace lvs::test
