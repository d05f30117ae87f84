#include "director/core/scheduler/rr.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lvs::director {
namespace {

/// A service's list under test, and its scheduler. Servers are letters, the newest first.
class List {
 public:
  void add(char name, std::uint32_t weight = 1) {
    records_.push_back({.weight = weight});
    names_ += name;
    order_.insert(order_.begin(), ServerId{static_cast<std::uint32_t>(records_.size())});
    scheduler_.on_added_at_head();
  }
  void remove(char name) {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (name_of(order_[i]) != name) continue;
      order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(i));
      scheduler_.on_removed(i);
      return;
    }
  }
  ServerRecord<Ipv4Addr>& at(char name) { return records_[names_.find(name)]; }
  /// The next choices; '-' for none.
  std::string pick(std::size_t count) {
    std::string picked;
    for (std::size_t i = 0; i < count; ++i) {
      const auto position = scheduler_.pick({order_, records_}, {});
      picked += position ? name_of(order_[*position]) : '-';
    }
    return picked;
  }

 private:
  char name_of(ServerId id) const { return names_[id.number - 1]; }

  RoundRobin scheduler_;
  std::vector<ServerRecord<Ipv4Addr>> records_;
  std::vector<ServerId> order_;
  std::string names_;
};

List abc() {
  List list;
  list.add('A');
  list.add('B', 5);
  list.add('C');
  return list;
}

TEST(RoundRobin, BeginsWithTheNewestAndIgnoresWeights) { EXPECT_EQ(abc().pick(7), "CBACBAC"); }

TEST(RoundRobin, HasNoChoiceInAnEmptyList) { EXPECT_EQ(List{}.pick(2), "--"); }

TEST(RoundRobin, SkipsQuiescedAndOverloadedServers) {
  List list = abc();
  list.at('B').weight = 0;
  EXPECT_EQ(list.pick(4), "CACA");
  list.at('C').flags = server_flag::kOverload;
  EXPECT_EQ(list.pick(2), "AA");
}

TEST(RoundRobin, StaysWhereItWasWhenNoServerMay) {
  List list = abc();
  EXPECT_EQ(list.pick(1), "C");
  for (const char name : {'A', 'B', 'C'}) list.at(name).weight = 0;
  EXPECT_EQ(list.pick(2), "--");
  for (const char name : {'A', 'B', 'C'}) list.at(name).weight = 1;
  EXPECT_EQ(list.pick(2), "BA");
}

TEST(RoundRobin, GivesANewServerItsTurnAfterTheWrap) {
  List list = abc();
  EXPECT_EQ(list.pick(1), "C");
  list.add('D');
  EXPECT_EQ(list.pick(4), "BADC");
}

TEST(RoundRobin, GivesANewServerTheTurnThatComesNextAtTheWrap) {
  List list = abc();
  EXPECT_EQ(list.pick(3), "CBA");
  list.add('D');
  EXPECT_EQ(list.pick(2), "DC");
}

TEST(RoundRobin, GoesOnBehindAServerThatWasRemoved) {
  List list = abc();
  EXPECT_EQ(list.pick(2), "CB");
  list.remove('B');
  EXPECT_EQ(list.pick(3), "ACA");
}

TEST(RoundRobin, IsNotMovedByTheRemovalOfOthers) {
  List before = abc();
  EXPECT_EQ(before.pick(2), "CB");
  before.remove('C');
  EXPECT_EQ(before.pick(2), "AB");

  List behind = abc();
  EXPECT_EQ(behind.pick(1), "C");
  behind.remove('A');
  EXPECT_EQ(behind.pick(2), "BC");
}

TEST(RoundRobin, StartsAtTheHeadWhenItsServerWasTheFirstAndIsRemoved) {
  List list = abc();
  EXPECT_EQ(list.pick(1), "C");
  list.remove('C');
  EXPECT_EQ(list.pick(2), "BA");
}

}  // namespace
}  // namespace lvs::director
