#include <gtest/gtest.h>

#include <cstddef>
#include <iostream>
#include <string>

#include "tests/golden/player.h"
#include "tests/golden/recording.h"

namespace lvs::test {
namespace {

struct Played {
  std::size_t recordings = 0;
  std::size_t connections = 0;
};

Played play_all(const std::vector<Json>& recordings) {
  Played played;
  for (const Json& recording : recordings) {
    if (missing_for(recording)) continue;
    Player player(recording);
    for (const std::string& difference : player.play())
      ADD_FAILURE() << text_of(recording, "id") << " (" << text_of(recording, "name")
                    << "): " << difference;
    ++played.recordings;
    played.connections += items_of(recording, "connections").size();
  }
  return played;
}

class ScheduleGolden : public testing::TestWithParam<const char*> {};

TEST_P(ScheduleGolden, DoesWhatTheKernelDid) {
  const auto recordings = read_recordings(GetParam());
  if (!recordings) GTEST_SKIP() << "no recordings: LVSKIT_SHARED does not hold golden/";
  const Played played = play_all(*recordings);
  std::cout << GetParam() << ": " << played.recordings << " of " << recordings->size()
            << " recordings compared, " << played.connections << " steps\n";
  EXPECT_GT(played.recordings, 0u);
}

INSTANTIATE_TEST_SUITE_P(Files, ScheduleGolden, testing::Values("sched.jsonl", "trace.jsonl"),
                         [](const auto& test) {
                           const std::string file = test.param;
                           return file.substr(0, file.find('.'));
                         });

}  // namespace
}  // namespace lvs::test
