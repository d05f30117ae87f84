#include "tests/support/ipvs_model/ipvs_model.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/property/ipvs_model_duel.h"

// The engine against the slow model of IPVS: random commands, packets and waits, after each of
// which both must have done the same and know the same. The same seeds in every run;
// LVSKIT_MODEL_SEEDS=FIRST:COUNT plays others, as many as one likes.

namespace lvs::test {
namespace {

struct Seeds {
  std::uint32_t first = 1;
  std::uint32_t count = 400;
};

Seeds seeds_to_play() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the test has one thread
  const char* const named = std::getenv("LVSKIT_MODEL_SEEDS");
  if (named == nullptr) return {};
  const std::string text = named;
  const std::size_t colon = text.find(':');
  return {static_cast<std::uint32_t>(std::stoul(text)),
          colon == std::string::npos
              ? 1u
              : static_cast<std::uint32_t>(std::stoul(text.substr(colon + 1)))};
}

TEST(IpvsModel, AndTheEngineAgreeOnWhateverHappens) {
  constexpr std::size_t kSteps = 150;
  constexpr std::size_t kShown = 5;
  const Seeds seeds = seeds_to_play();
  Coverage coverage;
  std::size_t shown = 0;
  for (std::uint32_t seed = seeds.first; seed != seeds.first + seeds.count; ++seed) {
    const Scenario scenario = draw_scenario(seed, kSteps, coverage);
    if (!find_difference(scenario)) continue;
    ADD_FAILURE() << "seed " << seed << ":\n" << describe(shrink(scenario));
    if (++shown == kShown) break;
  }
  RecordProperty("forwarded", std::to_string(coverage.forwarded));
  if (seeds.count < 100 || shown != 0) return;
  // Scenarios in which nothing happens would agree as well.
  EXPECT_GT(coverage.forwarded, 10000u);
  EXPECT_GT(coverage.replies, 500u);
  EXPECT_GT(coverage.unreachable, 500u);
  EXPECT_GT(coverage.dropped, 100u);
  EXPECT_GT(coverage.host, 500u);
  EXPECT_GT(coverage.templates, 10000u);
  EXPECT_LT(coverage.skipped, coverage.forwarded / 5);
}

}  // namespace
}  // namespace lvs::test
