#include <gtest/gtest.h>
#include <linux/if_packet.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include "net/linux/packet_socket.h"
#include "net/linux/sysctl.h"
#include "tests/lab/linux_support.h"

namespace lvs::linux_net {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::uint16_t kArp = 0x0806;
/// For experiments (IEEE 802): nobody in the kernel takes or sends it.
constexpr std::uint16_t kTestEthertype = 0x88b5;

Bytes frame_of(std::uint16_t ethertype, std::size_t payload, std::uint8_t fill) {
  Bytes frame(12, 0xff);
  frame.push_back(static_cast<std::uint8_t>(ethertype >> 8));
  frame.push_back(static_cast<std::uint8_t>(ethertype));
  frame.insert(frame.end(), payload, fill);
  return frame;
}

class PacketSocketTest : public OwnNamespace {
 protected:
  void SetUp() override {
    OwnNamespace::SetUp();
    if (IsSkipped()) return;
    other_ = another_namespace();
    connect("v0", *other_, "v1");
  }
  static PacketSocket open_on(const std::string& name, const PacketSocket::Options& options) {
    auto socket = PacketSocket::open(link(name).index, options);
    EXPECT_TRUE(socket) << socket.error().what;
    return *std::move(socket);
  }
  PacketSocket open_there(const PacketSocket::Options& options) {
    const Inside inside(*other_);
    return open_on("v1", options);
  }
  static Bytes next(PacketSocket& socket) {
    const auto frame = socket.receive_until(soon());
    EXPECT_TRUE(frame && *frame);
    return frame && *frame ? (*frame)->bytes : Bytes{};
  }

  std::optional<NetNamespace> other_;
};

TEST_F(PacketSocketTest, CarriesFramesOverAWire) {
  PacketSocket here = open_on("v0", {.ethertype = kTestEthertype});
  PacketSocket there = open_there({.ethertype = kTestEthertype});
  for (const std::size_t size : {1UL, 60UL, 1500UL}) {
    const Bytes frame = frame_of(kTestEthertype, size, 7);
    ASSERT_TRUE(here.send(frame));
    EXPECT_EQ(next(there), frame);
  }
}

TEST_F(PacketSocketTest, ReturnsNothingWhenTheDeadlineHasPassed) {
  PacketSocket here = open_on("v0", {.ethertype = kTestEthertype});
  const auto frame = here.receive_until(std::chrono::steady_clock::now());
  ASSERT_TRUE(frame);
  EXPECT_FALSE(*frame);
}

TEST_F(PacketSocketTest, TakesOnlyItsEthertype) {
  PacketSocket here = open_on("v0", {});
  PacketSocket there = open_there({.ethertype = kTestEthertype});
  ASSERT_TRUE(here.send(frame_of(kTestEthertype + 1, 50, 1)));
  ASSERT_TRUE(here.send(frame_of(kTestEthertype, 50, 2)));
  EXPECT_EQ(next(there), frame_of(kTestEthertype, 50, 2));
}

TEST_F(PacketSocketTest, TakesOnlyWhatItsFilterSelects) {
  // Load the byte at 14 (the first of the payload); keep the frame when it is 2.
  const std::vector<sock_filter> filter{
      {0x30, 0, 0, 14}, {0x15, 0, 1, 2}, {0x06, 0, 0, 0x40000}, {0x06, 0, 0, 0}};
  PacketSocket here = open_on("v0", {});
  PacketSocket there = open_there({.ethertype = kTestEthertype, .filter = filter});
  ASSERT_TRUE(here.send(frame_of(kTestEthertype, 50, 1)));
  ASSERT_TRUE(here.send(frame_of(kTestEthertype, 50, 2)));
  EXPECT_EQ(next(there), frame_of(kTestEthertype, 50, 2));
}

TEST_F(PacketSocketTest, SeesWhatLeavesUnlessToldNotTo) {
  PacketSocket sees = open_on("v0", {});
  PacketSocket ignores = open_on("v0", {.ignore_outgoing = true});
  PacketSocket sender = open_on("v0", {.ethertype = kTestEthertype});
  PacketSocket there = open_there({.ethertype = kTestEthertype});
  ASSERT_TRUE(sender.send(frame_of(kTestEthertype, 50, 1)));
  const auto left = sees.receive_until(soon());
  ASSERT_TRUE(left && *left);
  EXPECT_EQ((*left)->packet_type, PACKET_OUTGOING);
  ASSERT_TRUE(there.send(frame_of(kTestEthertype, 50, 2)));
  EXPECT_EQ(next(ignores), frame_of(kTestEthertype, 50, 2)) << "the incoming one comes first";
}

TEST_F(PacketSocketTest, PutsAVlanTagBack) {
  PacketSocket here = open_on("v0", {});
  PacketSocket there = open_there({.ignore_outgoing = true});
  Bytes tagged = frame_of(0x8100, 0, 0);
  const Bytes tag_and_type{0x20, 0x64, 0x88, 0xb5};
  tagged.insert(tagged.end(), tag_and_type.begin(), tag_and_type.end());
  tagged.insert(tagged.end(), 50, 9);
  ASSERT_TRUE(here.send(tagged));
  EXPECT_EQ(next(there), tagged);
}

TEST_F(PacketSocketTest, SaysWhyAFrameCannotLeave) {
  PacketSocket here = open_on("v0", {});
  const auto sent = here.send(frame_of(kTestEthertype, 100000, 1));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().sys_errno, EMSGSIZE);
  EXPECT_EQ(PacketSocket::open(LinkIndex{9999}, {}).error().sys_errno, ENODEV);
}

// inject_as_received: the kernel of this side is asked for its address by a frame that never was on
// the wire, and the other side listens to what it says.

class Injection : public PacketSocketTest {
 protected:
  void SetUp() override {
    PacketSocketTest::SetUp();
    if (IsSkipped()) return;
    RouteSocket routes = open_routes();
    Address vip;
    vip.link = link("lo").index;
    vip.addr = Ipv4Addr(192, 168, 1, 99);
    vip.scope = 254;
    ASSERT_TRUE(routes.add_address(vip));
    Address own;
    own.link = link("v0").index;
    own.addr = Ipv4Addr(192, 168, 1, 91);
    own.prefix_len = 24;
    ASSERT_TRUE(routes.add_address(own));
    listener_ = open_there({.ethertype = kArp});
  }

  static Bytes who_has(std::uint8_t last_octet) {
    Bytes frame{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,   0,   0, 0,         0, 9, 8, 6,  // Ethernet
                0,    1,    8,    0,    6,    4,    0,   1,           // ARP request
                2,    0,    0,    0,    0,    9,    192, 168, 1, 50,  // from 192.168.1.50
                0,    0,    0,    0,    0,    0,    192, 168, 1, last_octet};
    frame.resize(60);
    return frame;
  }
  /// Asks for both addresses; the last octets of those that the kernel answered for, up to the own
  /// one, which it always answers for.
  std::vector<int> answered() {
    for (const Bytes& question : {who_has(99), who_has(91)}) {
      const auto done = inject_as_received(link("v0").index, question);
      EXPECT_TRUE(done) << done.error().what;
    }
    std::vector<int> octets;
    while (octets.empty() || octets.back() != 91) {
      const Bytes frame = next(*listener_);
      if (frame.size() < 42) return octets;
      EXPECT_EQ(frame[21], 2) << "the question itself must not be on the wire";
      octets.push_back(frame[31]);
    }
    return octets;
  }
  static bool may_inject() {
    const auto tried = inject_as_received(link("v0").index, who_has(1));
    return tried || (tried.error().sys_errno != EPERM && tried.error().sys_errno != EINVAL);
  }

  std::optional<PacketSocket> listener_;
};

TEST_F(Injection, TheKernelAnswersForAnAddressOnLo) {
  if (!may_inject()) GTEST_SKIP() << "needs CAP_BPF in the first user namespace";
  ASSERT_TRUE(write_sysctl("net/ipv4/conf/all/arp_ignore", "0"));
  EXPECT_EQ(answered(), (std::vector{99, 91}));
}

TEST_F(Injection, TheKernelIsSilentForItWithArpIgnore) {
  if (!may_inject()) GTEST_SKIP() << "needs CAP_BPF in the first user namespace";
  ASSERT_TRUE(write_sysctl("net/ipv4/conf/all/arp_ignore", "1"));
  EXPECT_EQ(answered(), std::vector{91});
}

TEST_F(Injection, SaysThatALinkIsNotThere) {
  if (!may_inject()) GTEST_SKIP() << "needs CAP_BPF in the first user namespace";
  const auto done = inject_as_received(LinkIndex{9999}, who_has(99));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().sys_errno, ENODEV);
}

}  // namespace
}  // namespace lvs::linux_net
