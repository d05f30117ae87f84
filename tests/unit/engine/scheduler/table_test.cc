#include "director/core/scheduler/table.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/scheduler_bench.h"

namespace lvs::test {
namespace {

TEST(SchedulerTable, HasThoseOfIpvsAndTwos) {
  std::string names;
  for (const director::SchedulerName& scheduler : director::kSchedulers)
    names += std::string{scheduler.name} + ' ';
  EXPECT_EQ(names, "rr wrr lc wlc lblc lblcr dh sh sed nq fo ovf mh twos ");
}

TEST(SchedulerTable, HasNobodyWhoChoosesFromAnEmptyList) {
  for (const director::SchedulerName& scheduler : director::kSchedulers) {
    SchedulerBench bench(scheduler.name);
    EXPECT_EQ(bench.choices(2), "--") << scheduler.name;
    bench.add("A1");
    EXPECT_EQ(bench.choices(1), "A") << scheduler.name;
    bench.remove('A');
    EXPECT_EQ(bench.choices(2), "--") << scheduler.name;
  }
}

// The two rules of every scheduler (facts of IPVS, 1.1).
TEST(SchedulerTable, HasNobodyWhoChoosesAQuiescedOrOverloadedServer) {
  for (const director::SchedulerName& scheduler : director::kSchedulers) {
    SchedulerBench quiesced(scheduler.name);
    quiesced.add("A1 B1");
    for (const char name : {'A', 'B'}) quiesced.edit(name, 0);
    EXPECT_EQ(quiesced.choices(2), "--") << scheduler.name;
    SchedulerBench overloaded(scheduler.name);
    overloaded.add("A1 B1");
    for (const char name : {'A', 'B'}) overloaded.set_overloaded(name, true);
    EXPECT_EQ(overloaded.choices(2), "--") << scheduler.name;
  }
}

// Put over servers, each is at once as if it had seen them come; wrr's first turns differ.
TEST(SchedulerTable, HasOnlySchedulersThatCanBePutOverServers) {
  for (const director::SchedulerName& scheduler : director::kSchedulers) {
    if (scheduler.name == "wrr") continue;
    SchedulerBench added(scheduler.name);
    added.add("A3 B1 C2");
    SchedulerBench changed("rr");
    changed.add("A3 B1 C2");
    changed.change_scheduler(scheduler.name);
    EXPECT_EQ(changed.connections(20), added.connections(20)) << scheduler.name;
  }
}

}  // namespace
}  // namespace lvs::test
