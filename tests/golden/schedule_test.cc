#include <gtest/gtest.h>

#include <cstddef>
#include <iostream>
#include <string>

#include "tests/golden/player.h"
#include "tests/golden/recording.h"

namespace lvs::test {
namespace {

class SimulateGolden : public testing::TestWithParam<const char*> {};

TEST_P(SimulateGolden, DoesWhatTheKernelDid) {
  const auto recordings = read_recordings(GetParam());
  if (!recordings) GTEST_SKIP() << "no recordings: LVSKIT_SHARED does not hold golden/";
  std::size_t steps = 0;
  for (const Json& recording : *recordings) {
    for (const std::string& difference : differences_to(recording))
      ADD_FAILURE() << text_of(recording, "id") << " (" << text_of(recording, "name")
                    << "): " << difference;
    steps += items_of(recording, "connections").size() + items_of(recording, "tuples").size();
  }
  std::cout << GetParam() << ": all " << recordings->size() << " recordings compared, " << steps
            << " steps\n";
  EXPECT_GT(steps, 0u);
}

INSTANTIATE_TEST_SUITE_P(Files, SimulateGolden,
                         testing::Values("sched.jsonl", "trace.jsonl", "hash.jsonl"),
                         [](const auto& test) {
                           const std::string file = test.param;
                           return file.substr(0, file.find('.'));
                         });

// What compares must see a difference: every result of a recording is changed in turn.
TEST(SimulateGolden, SeesWhenARecordingSaysOtherwise) {
  const auto recordings = read_recordings("sched.jsonl");
  if (!recordings) GTEST_SKIP() << "no recordings: LVSKIT_SHARED does not hold golden/";
  for (const char* const key : {"chosen", "state"}) {
    Json changed = recordings->front();
    Json::Array steps = items_of(changed, "connections");
    steps.front().set(key, "otherwise");
    changed.set("connections", steps);
    EXPECT_EQ(differences_to(changed).size(), 1u) << key;
  }
  Json changed = recordings->front();
  changed.set("templates", Json::Array{"TCP 00:01  NONE a b c"});
  changed.set("final_ln", "\n\n\nTCP  10.0.0.1:80 rr\n");
  EXPECT_EQ(differences_to(changed).size(), 2u);
}

}  // namespace
}  // namespace lvs::test
