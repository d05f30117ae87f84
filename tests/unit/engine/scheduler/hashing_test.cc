#include <gtest/gtest.h>

#include <string>

#include "director/core/scheduler/address_hash.h"
#include "net/wire/addr_text.h"
#include "tests/support/scheduler_bench.h"

namespace lvs::test {
namespace {

using director::NewFlow;
using director::SchedulerFlags;

constexpr SchedulerFlags kFallback{SchedulerFlags::kFirst};
constexpr SchedulerFlags kPort{SchedulerFlags::kSecond};

IpAddr ip(const char* text) { return *parse_ip(text); }
NewFlow from(const char* client) { return {.client = ip(client), .protocol = Protocol::Tcp}; }
NewFlow to(const char* destination) { return {.destination = ip(destination)}; }

// Facts of IPVS, 1.4.
TEST(Hash8, IsTheKernels) {
  EXPECT_EQ(director::hash8(director::folded(ip("10.0.0.1"))), 39);
  EXPECT_EQ(director::hash8(director::folded(ip("10.0.0.2"))), 137);
  EXPECT_EQ(director::hash8(director::folded(ip("192.168.1.10"))), 248);
  EXPECT_EQ(director::hash8(director::folded(ip("192.0.2.7"))), 125);
  EXPECT_EQ(director::hash8(director::folded(ip("203.0.113.5"))), 185);
}

TEST(Folded, IsTheExclusiveOrOfTheWordsOfIpv6) {
  EXPECT_EQ(director::folded(ip("2001:db8:1:2:3:4:5:6")),
            0x20010db8u ^ 0x00010002u ^ 0x00030004u ^ 0x00050006u);
}

// 10.0.0.1 has bucket 39, 10.0.0.2 bucket 137; of three servers C, B, A in list order these are the
// first and the third of a row: 39 % 3 = 0, 137 % 3 = 2.
TEST(DestinationHashing, FillsTheBucketsInListOrderWhateverTheWeights) {
  SchedulerBench bench("dh");
  bench.add("A1 B7 C2");
  EXPECT_EQ(bench.choices(2, to("10.0.0.1")), "CC");
  EXPECT_EQ(bench.choices(2, to("10.0.0.2")), "AA");
}

TEST(DestinationHashing, HasNoOtherServerForTheOneThatTakesNone) {
  SchedulerBench bench("dh");
  bench.add("A1 B1 C1");
  bench.set_overloaded('C', true);
  EXPECT_EQ(bench.choices(1, to("10.0.0.1")), "-");
  EXPECT_EQ(bench.choices(1, to("10.0.0.2")), "A");
  bench.set_overloaded('C', false);
  bench.edit('C', 0);
  EXPECT_EQ(bench.choices(1, to("10.0.0.1")), "-");
  bench.remove('C');  // 39 % 2 = 1
  EXPECT_EQ(bench.choices(1, to("10.0.0.1")), "A");
}

TEST(DestinationHashing, HasNoChoiceWithoutServers) {
  EXPECT_EQ(SchedulerBench("dh").choices(1, to("10.0.0.1")), "-");
}

// Rows of C C B A A A: 39 % 6 = 3, 137 % 6 = 5, and 248 % 6 = 2.
TEST(SourceHashing, GivesAServerAsManyBucketsInARowAsItsWeight) {
  SchedulerBench bench("sh");
  bench.add("A3 B1 C2");
  EXPECT_EQ(bench.choices(1, from("10.0.0.1")), "A");
  EXPECT_EQ(bench.choices(1, from("10.0.0.2")), "A");
  EXPECT_EQ(bench.choices(1, from("192.168.1.10")), "B");
}

// Rows of C C B A once A is quiesced: 39 % 4 = 3.
TEST(SourceHashing, FillsAnewAtEveryEditAndLeavesAQuiescedServerOneBucket) {
  SchedulerBench bench("sh");
  bench.add("A3 B1 C2");
  bench.edit('A', 0);
  EXPECT_EQ(bench.choices(1, from("10.0.0.1")), "-");
  EXPECT_EQ(bench.choices(1, from("10.0.0.2")), "C");  // 137 % 4 = 1
}

// Rows of E D C B A: bucket 39 is A's (39 % 5 = 4). From bucket 2 * 39 = 78 on, which is B's, come
// A's and E's.
TEST(SourceHashing, FallsBackOnlyByFlag) {
  SchedulerBench bench("sh", {.flags = kFallback});
  bench.add("A1 B1 C1 D1 E1");
  EXPECT_EQ(bench.choices(1, from("10.0.0.1")), "A");
  bench.set_overloaded('A', true);
  EXPECT_EQ(bench.choices(1, from("10.0.0.1")), "B");
  bench.set_overloaded('B', true);
  EXPECT_EQ(bench.choices(1, from("10.0.0.1")), "E");
  bench.set_flags({});
  EXPECT_EQ(bench.choices(1, from("10.0.0.1")), "-");
}

TEST(SourceHashing, FindsTheLastOfManyThatMay) {
  SchedulerBench bench("sh", {.flags = kFallback});
  bench.add("A1 B9 C9");
  bench.set_overloaded('B', true);
  bench.set_overloaded('C', true);
  EXPECT_EQ(bench.choices(1, from("10.0.0.2")), "A");
}

TEST(SourceHashing, HashesThePortOfTcpUdpAndSctpOnly) {
  SchedulerBench bench("sh", {.flags = kPort});
  bench.add("A1 B1");
  const auto choice = [&](std::uint16_t port, Protocol protocol) {
    NewFlow flow = from("10.0.0.1");
    flow.client_port = Port{port};
    flow.protocol = protocol;
    return bench.choices(1, flow);
  };
  for (std::uint16_t port = 1; port < 40; ++port) {
    const std::uint32_t moved = director::hash8(0x0a000001u + port);
    const std::string expected = moved % 2 == 0 ? "B" : "A";
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp, Protocol::Sctp})
      EXPECT_EQ(choice(port, protocol), expected) << port;
    EXPECT_EQ(choice(port, Protocol::Gre), "A");  // 39 % 2 = 1
  }
}

}  // namespace
}  // namespace lvs::test
