#include <gtest/gtest.h>

#include <array>
#include <map>
#include <string>
#include <utility>

#include "director/core/scheduler/address_hash.h"
#include "director/core/scheduler/maglev_table.h"
#include "net/wire/addr_text.h"
#include "tests/support/scheduler_bench.h"

namespace lvs::test {
namespace {

using director::MaglevTable;
using director::NewFlow;
using director::SchedulerFlags;

NewFlow from(const char* client) {
  return {.client = *parse_ip(client), .protocol = Protocol::Tcp};
}
std::size_t slot_of(const char* client) {
  return MaglevTable::slot_of(director::folded(*parse_ip(client)));
}

/// 10.0.0.NAME:80, so that the servers of the facts are 11, 12 and 13.
void add(SchedulerBench& bench, std::uint8_t name, std::uint32_t weight) {
  bench.add({.address = IpAddr{Ipv4Addr{10, 0, 0, name}}, .weight = weight, .port = Port{80}});
}
/// In the list order of the facts .11, .12, .13; so they are added the other way round.
SchedulerBench three(std::array<std::uint32_t, 3> weights, SchedulerFlags flags = {}) {
  SchedulerBench bench("mh", {.flags = flags});
  add(bench, 13, weights[2]);
  add(bench, 12, weights[1]);
  add(bench, 11, weights[0]);
  return bench;
}
int choice(SchedulerBench& bench, const NewFlow& flow) {
  const std::optional<std::size_t> seat = bench.pick(flow);
  return seat ? bench[*seat].address.octets.back() : 0;
}
/// How many slots each server has.
std::map<int, int> slots_of(const SchedulerBench& bench) {
  MaglevTable table;
  table.fill(bench.list());
  std::map<int, int> slots;
  for (std::size_t slot = 0; slot < MaglevTable::kSlots; ++slot)
    ++slots[bench[*table[slot]].address.octets.back()];
  return slots;
}

// Facts of IPVS, 1.5, all of these.
TEST(MaglevTable, HashesClientsToTheSlotsOfTheFacts) {
  EXPECT_EQ(slot_of("192.0.2.1"), 2891u);
  EXPECT_EQ(slot_of("192.0.2.2"), 746u);
  EXPECT_EQ(slot_of("192.0.2.7"), 1589u);
  EXPECT_EQ(slot_of("198.51.100.9"), 667u);
  EXPECT_EQ(slot_of("203.0.113.5"), 3219u);
}

TEST(MaglevTable, GivesSlotsByWeight) {
  EXPECT_EQ(slots_of(three({1, 1, 1})), (std::map<int, int>{{11, 1365}, {12, 1364}, {13, 1364}}));
  EXPECT_EQ(slots_of(three({4, 3, 2})), (std::map<int, int>{{11, 1820}, {12, 1365}, {13, 908}}));
}

TEST(MaglevTable, MovesFewSlotsOfTheOthersWhenAServerLeaves) {
  SchedulerBench bench = three({1, 1, 1});
  MaglevTable before;
  before.fill(bench.list());
  const auto owner = [&](const MaglevTable& table, const SchedulerBench& of, std::size_t slot) {
    return of[*table[slot]].address.octets.back();
  };
  const SchedulerBench old = bench;
  bench.remove(std::size_t{1});
  MaglevTable after;
  after.fill(bench.list());
  int moved = 0;
  for (std::size_t slot = 0; slot < MaglevTable::kSlots; ++slot)
    if (owner(before, old, slot) != 12 && owner(before, old, slot) != owner(after, bench, slot))
      ++moved;
  EXPECT_EQ(moved, 13);
}

TEST(MaglevTable, LeavesOutTheNewestWhenServersAreMoreThanSlots) {
  SchedulerBench bench("rr");
  for (std::uint32_t i = 0; i < MaglevTable::kSlots + 2; ++i)
    bench.add({.address = IpAddr{Ipv4Addr{0x0a000000u + i}}, .weight = 1});
  MaglevTable table;
  table.fill(bench.list());
  for (std::size_t slot = 0; slot < MaglevTable::kSlots; ++slot)
    ASSERT_LT(*table[slot], MaglevTable::kSlots);
}

TEST(MaglevHashing, ChoosesTheServersOfTheFacts) {
  SchedulerBench bench = three({1, 1, 1});
  EXPECT_EQ(choice(bench, from("192.0.2.1")), 13);
  EXPECT_EQ(choice(bench, from("192.0.2.2")), 11);
  EXPECT_EQ(choice(bench, from("192.0.2.7")), 13);
  EXPECT_EQ(choice(bench, from("198.51.100.9")), 11);
  EXPECT_EQ(choice(bench, from("203.0.113.5")), 12);
}

TEST(MaglevHashing, KeepsTheSlotsOfAServerThatIsQuiesced) {
  SchedulerBench bench = three({1, 1, 1});
  bench.edit(bench.size() - 1, 0);  // .11
  EXPECT_EQ(choice(bench, from("192.0.2.2")), 0);
  EXPECT_EQ(choice(bench, from("203.0.113.5")), 12);
  bench.edit(bench.size() - 1, 1);
  EXPECT_EQ(choice(bench, from("192.0.2.2")), 11);
}

TEST(MaglevHashing, GivesAServerThatIsAddedQuiescedNoSlot) {
  SchedulerBench bench = three({0, 0, 0});
  EXPECT_EQ(choice(bench, from("192.0.2.1")), 0);
  bench.edit(std::size_t{0}, 5);  // .13
  EXPECT_EQ(slots_of(bench), (std::map<int, int>{{13, 4093}}));
  EXPECT_EQ(choice(bench, from("192.0.2.2")), 13);
}

// By the rule: to the address comes the number of its slot, then of the next, until somebody may.
std::size_t other_seat(const MaglevTable& table, std::uint32_t client, std::size_t not_this) {
  std::size_t offset = MaglevTable::slot_of(client);
  while (true) {
    const std::size_t seat =
        *table[MaglevTable::slot_of(client + static_cast<std::uint32_t>(offset))];
    if (seat != not_this) return seat;
    offset = (offset + 1) % MaglevTable::kSlots;
  }
}

TEST(MaglevHashing, FallsBackByFlag) {
  SchedulerBench bench = three({1, 1, 1}, {SchedulerFlags::kFirst});
  MaglevTable table;
  table.fill(bench.list());
  const std::size_t overloaded = 1;
  bench.set_overloaded(overloaded, true);
  std::size_t others = 0;
  for (std::uint32_t client = 0xc0000200; client < 0xc0000280; ++client) {
    const std::size_t own = *table[MaglevTable::slot_of(client)];
    if (own == overloaded) ++others;
    EXPECT_EQ(bench.pick({.client = IpAddr{Ipv4Addr{client}}}),
              own == overloaded ? other_seat(table, client, overloaded) : own);
  }
  EXPECT_GT(others, 20u);
}

TEST(MaglevHashing, DoesNotFallBackWithoutTheFlag) {
  SchedulerBench bench = three({1, 1, 1}, {SchedulerFlags::kFirst});
  bench.set_overloaded(bench.size() - 1, true);  // .11
  EXPECT_NE(choice(bench, from("192.0.2.2")), 0);
  bench.set_flags({});
  EXPECT_EQ(choice(bench, from("192.0.2.2")), 0);
  EXPECT_EQ(choice(bench, from("203.0.113.5")), 12);
}

TEST(MaglevHashing, HashesThePortOfTcpUdpAndSctpOnly) {
  SchedulerBench bench = three({1, 1, 1}, {SchedulerFlags::kSecond});
  NewFlow flow = from("192.0.2.1");
  flow.client_port = Port{6};  // as 192.0.2.7
  EXPECT_EQ(choice(bench, flow), 13);
  flow.client_port = Port{1};  // as 192.0.2.2
  for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp, Protocol::Sctp}) {
    flow.protocol = protocol;
    EXPECT_EQ(choice(bench, flow), 11);
  }
  flow.protocol = Protocol::Gre;
  EXPECT_EQ(choice(bench, flow), 13);
}

TEST(MaglevHashing, IsFilledWhenPutOverServers) {
  SchedulerBench bench("rr");
  add(bench, 13, 1);
  add(bench, 12, 1);
  add(bench, 11, 1);
  bench.change_scheduler("mh");
  EXPECT_EQ(choice(bench, from("203.0.113.5")), 12);
}

}  // namespace
}  // namespace lvs::test
