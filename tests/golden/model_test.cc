#include <gtest/gtest.h>

#include "tests/golden/model_player.h"
#include "tests/golden/recording.h"

// The judge is judged: the slow model of IPVS gives what real IPVS gave, in every recording.

namespace lvs::test {
namespace {

class ModelGolden : public testing::TestWithParam<const char*> {};

TEST_P(ModelGolden, DoesWhatRealIpvsDid) {
  const std::optional<std::vector<Json>> recordings = read_recordings(GetParam());
  if (!recordings) GTEST_SKIP() << "no recordings: LVSKIT_SHARED names the folder with golden/";
  ASSERT_FALSE(recordings->empty());
  for (const Json& recording : *recordings) {
    SCOPED_TRACE(text_of(recording, "id") + ' ' + text_of(recording, "name"));
    const std::vector<std::string> differences = ModelPlayer(recording).play();
    EXPECT_EQ(differences.size(), 0u) << (differences.empty() ? "" : differences.front());
  }
}

INSTANTIATE_TEST_SUITE_P(Recordings, ModelGolden, testing::Values("sched.jsonl", "trace.jsonl"),
                         [](const auto& given) {
                           const std::string file = given.param;
                           return file.substr(0, file.find('.'));
                         });

}  // namespace
}  // namespace lvs::test
