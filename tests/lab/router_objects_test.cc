#include <linux/neighbour.h>

#include <cerrno>
#include <map>

#include "net/linux/sysctl.h"
#include "net/wire/addr_text.h"
#include "profiles/io/objects/objects.h"
#include "profiles/io/objects/resolve.h"
#include "tests/lab/linux_support.h"

// Neighbour entries and IPv6 forwarding: made, found and taken away, and only when they are ours.

namespace lvs::profiles {
namespace {

using linux_net::NetNamespace;

constexpr std::uint8_t kOurs = 76;
constexpr MacAddr kMac{{0x02, 0, 0, 0, 0, 0x99}};

class RouterObjects : public linux_net::OwnNamespace {
 protected:
  void SetUp() override {
    OwnNamespace::SetUp();
    if (IsSkipped()) return;
    other_.emplace(another_namespace());
    connect("eth0", *other_, "eth0");
    routes_.emplace(open_routes());
  }

  std::vector<NeighbourFact> neighbours() {
    Snapshot snapshot;
    const auto read = read_neighbours(*routes_, {}, snapshot);
    EXPECT_TRUE(read) << read.error().what;
    return snapshot.neighbours;
  }

  std::optional<NetNamespace> other_;
  std::optional<linux_net::RouteSocket> routes_;
};

TEST_F(RouterObjects, AProxyEntryIsNeverTakenOver) {
  for (const char* text : {"10.0.0.99", "2001:db8::99"}) {
    const NeighbourFact foreign{"eth0", *parse_ip(text), std::nullopt, true, 99};
    const NeighbourFact ours{"eth0", *parse_ip(text), std::nullopt, true, kOurs};
    ASSERT_TRUE(add_object(*routes_, foreign));
    EXPECT_EQ(neighbours(), std::vector{foreign});
    EXPECT_EQ(add_object(*routes_, ours).error().sys_errno, EEXIST);
    EXPECT_EQ(remove_object(*routes_, ours).error().sys_errno, EEXIST);
    EXPECT_EQ(neighbours(), std::vector{foreign});
    ASSERT_TRUE(remove_object(*routes_, foreign));
    EXPECT_EQ(neighbours().size(), 0U);
    EXPECT_EQ(remove_object(*routes_, foreign).error().sys_errno, ENOENT);
  }
}

TEST_F(RouterObjects, APermanentEntryTakesTheKernelsButNobodyElses) {
  const IpAddr vip = Ipv4Addr(10, 0, 0, 99);
  const NeighbourFact ours{"eth0", vip, kMac, false, kOurs};
  ASSERT_TRUE(routes_->add_neighbour({.link = link("eth0").index,
                                      .addr = vip,
                                      .mac = MacAddr{{2, 0, 0, 0, 0, 1}},
                                      .state = NUD_STALE}));
  EXPECT_EQ(neighbours().size(), 0U) << "what was learnt is nobody's object";
  ASSERT_TRUE(add_object(*routes_, ours));
  EXPECT_EQ(neighbours(), std::vector{ours});
  EXPECT_EQ(add_object(*routes_, ours).error().sys_errno, EEXIST);
  NeighbourFact moved = ours;
  moved.mac = MacAddr{{2, 0, 0, 0, 0, 2}};
  ASSERT_TRUE(replace_object(*routes_, ours, moved));
  EXPECT_EQ(neighbours(), std::vector{moved});
  EXPECT_EQ(replace_object(*routes_, ours, moved).error().sys_errno, EEXIST);
  ASSERT_TRUE(remove_object(*routes_, moved));
  EXPECT_EQ(neighbours().size(), 0U);
}

TEST_F(RouterObjects, ResolvesWhoAnswersAndLeavesOutWhoDoesNot) {
  const IpAddr own = Ipv4Addr(10, 0, 0, 1);
  const IpAddr there = Ipv4Addr(10, 0, 0, 2);
  const IpAddr nobody = Ipv4Addr(10, 0, 0, 3);
  const IpAddr elsewhere = Ipv4Addr(10, 9, 0, 3);
  ASSERT_TRUE(routes_->add_address({.link = link("eth0").index, .addr = own, .prefix_len = 24}));
  MacAddr theirs;
  {
    const linux_net::Inside inside(*other_);
    theirs = link("eth0").mac;
    ASSERT_TRUE(
        open_routes().add_address({.link = link("eth0").index, .addr = there, .prefix_len = 24}));
  }
  const auto found = resolve_macs(*routes_, {own, there, nobody, elsewhere});
  ASSERT_TRUE(found) << found.error().what;
  const std::map<IpAddr, MacAddr> expected{{own, link("eth0").mac}, {there, theirs}};
  EXPECT_EQ(*found, expected);
}

/// net/ipv6/conf/*/forwarding, as it is.
std::map<std::string, std::string> forwarding() {
  std::map<std::string, std::string> values;
  for (const char* place : {"all", "default", "lo", "eth0"}) {
    const std::string key = std::string("net/ipv6/conf/") + place + "/forwarding";
    if (const auto value = linux_net::read_sysctl(key)) values[key] = *value;
  }
  return values;
}

TEST_F(RouterObjects, Ipv6ForwardingGivesEveryInterfaceItsValueBack) {
  ASSERT_TRUE(linux_net::write_sysctl("net/ipv6/conf/all/forwarding", "0"));
  ASSERT_TRUE(linux_net::write_sysctl("net/ipv6/conf/eth0/forwarding", "1"));
  Snapshot snapshot;
  ASSERT_TRUE(read_forwarding(snapshot));
  EXPECT_EQ(snapshot.forwardings.size(), 0U);
  const Forward6Fact fact{forwarding()};
  ASSERT_EQ(fact.before.size(), 4U);

  ASSERT_TRUE(add_object(*routes_, fact));
  for (const auto& [key, value] : forwarding()) EXPECT_EQ(value, "1") << key;
  ASSERT_TRUE(read_forwarding(snapshot));
  EXPECT_EQ(snapshot.forwardings.size(), 1U);
  Forward6Fact with_a_link_that_is_gone = fact;
  with_a_link_that_is_gone.before["net/ipv6/conf/gone/forwarding"] = "1";
  ASSERT_TRUE(remove_object(*routes_, with_a_link_that_is_gone));
  EXPECT_EQ(forwarding(), fact.before);
}

}  // namespace
}  // namespace lvs::profiles
