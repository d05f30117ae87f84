#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tests/property/ipvs_model_scenario.h"

namespace lvs::test {

/// Where engine and model part.
struct Difference {
  std::size_t steps = 0;  ///< so many lead to it
  std::string what;
};

struct Scenario {
  Tick start{};
  std::vector<Step> steps;
};

/// What was seen in all scenarios together, so that a test can say that it saw something.
struct Coverage {
  std::size_t forwarded = 0, replies = 0, unreachable = 0, dropped = 0, host = 0;
  std::size_t connections = 0, templates = 0, skipped = 0;
};

/// Draws so many steps from a seed; the model alone plays them meanwhile.
Scenario draw_scenario(std::uint32_t seed, std::size_t steps, Coverage& coverage);

/// Plays both; nothing: they agree to the end.
std::optional<Difference> find_difference(const Scenario& scenario);

/// The scenario without all the steps that the difference does not need.
Scenario shrink(Scenario scenario);

/// For people: the steps up to the difference, and the difference.
std::string describe(const Scenario& scenario);

}  // namespace lvs::test
