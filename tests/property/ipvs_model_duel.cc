#include "tests/property/ipvs_model_duel.h"

#include <algorithm>

#include "tests/property/ipvs_model_engine.h"

namespace lvs::test {
namespace {

bool command(IpvsModel& model, const Step& step) {
  const director::ServiceKey& key = step.service.key;
  switch (step.kind) {
    case Step::Kind::AddService:
      return model.add_service(step.service);
    case Step::Kind::EditService:
      return model.edit_service(step.service);
    case Step::Kind::RemoveService:
      return model.remove_service(key);
    case Step::Kind::AddServer:
      return model.add_server(key, step.server);
    case Step::Kind::EditServer:
      return model.edit_server(key, step.server);
    case Step::Kind::RemoveServer:
      return model.remove_server(key, step.server.address, server_port_in(key, step.server));
    case Step::Kind::Settings:
      model.set_settings(step.settings);
      return true;
    default:
      return false;
  }
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += "\n    " + line;
  return lines.empty() ? "\n    nothing" : text;
}

/// The lines that only one of the two has.
std::string compare_lines(const std::vector<std::string>& model,
                          const std::vector<std::string>& engine) {
  if (model == engine) return "";
  std::vector<std::string> missing, excess;
  std::ranges::set_difference(model, engine, std::back_inserter(missing));
  std::ranges::set_difference(engine, model, std::back_inserter(excess));
  return "\n  only the model has:" + joined(missing) + "\n  only the engine has:" + joined(excess);
}

std::string compare_words(const std::string& model, const std::string& engine) {
  return model == engine ? "" : "\n  the model says: " + model + "\n  the engine says: " + engine;
}

void wait(IpvsModel& model, EngineUnderTest& engine, Ticks length) {
  model.wait(length);
  engine.wait(length);
}

/// What differs after this step; empty: nothing.
std::string take_step(IpvsModel& model, EngineUnderTest& engine, const Step& step) {
  std::string difference;
  // With expire_nodest_conn, connections of a removed server end a tick later (facts 2.10): one
  // that comes back within that tick still finds them in IPVS; in the engine they are condemned.
  if (step.kind == Step::Kind::AddServer && model.is_about_to_flush())
    wait(model, engine, Ticks{1});
  if (step.kind == Step::Kind::Packet) {
    const std::optional<ModelVerdict> verdict = model.packet(step.packet);
    if (!verdict) return "";  // the facts do not say
    difference = compare_words(outcome_text(*verdict, step.packet), engine.packet(step.packet));
    // What was replaced lives on for a tick beside its successor (facts 2.11), and counts. The
    // engine ends it at once; so nothing is asked in that tick.
    if (model.has_replaced()) wait(model, engine, Ticks{1});
  } else if (step.kind == Step::Kind::Wait) {
    wait(model, engine, step.wait);
  } else {
    difference = compare_words(command(model, step) ? "done" : "refused",
                               engine.command(step) ? "done" : "refused");
  }
  if (difference.empty()) difference = compare_lines(server_lines(model), engine.servers());
  if (difference.empty()) difference = compare_lines(connection_lines(model), engine.connections());
  return difference;
}

void cover(Coverage& coverage, const IpvsModel& model, const std::optional<ModelVerdict>& verdict) {
  for (const ConnectionPointer& connection : model.connections())
    ++(connection->key.is_template ? coverage.templates : coverage.connections);
  if (!verdict) {
    ++coverage.skipped;
    return;
  }
  switch (verdict->kind) {
    case ModelVerdict::Kind::Forward:
      ++coverage.forwarded;
      break;
    case ModelVerdict::Kind::Reply:
      ++coverage.replies;
      break;
    case ModelVerdict::Kind::Unreachable:
      ++coverage.unreachable;
      break;
    case ModelVerdict::Kind::Drop:
      ++coverage.dropped;
      break;
    case ModelVerdict::Kind::Host:
      ++coverage.host;
      break;
  }
}

Scenario without(const Scenario& scenario, std::size_t first, std::size_t count) {
  Scenario less = scenario;
  const auto begin = less.steps.begin() + static_cast<std::ptrdiff_t>(first);
  less.steps.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
  return less;
}

}  // namespace

Scenario draw_scenario(std::uint32_t seed, std::size_t steps, Coverage& coverage) {
  ScenarioDraw draw(seed);
  IpvsModel model;
  // A third of them see the clock's number wrap.
  Scenario scenario{.start = Tick{seed % 3 == 0 ? 0xffffffffu - 5000 : seed * 977}, .steps = {}};
  while (scenario.steps.size() < steps) {
    const Step step = draw.next(model);
    scenario.steps.push_back(step);
    if (step.kind == Step::Kind::Packet) cover(coverage, model, model.packet(step.packet));
    if (step.kind == Step::Kind::Wait) model.wait(step.wait);
    command(model, step);
  }
  return scenario;
}

std::optional<Difference> find_difference(const Scenario& scenario) {
  IpvsModel model;
  EngineUnderTest engine(scenario.start);
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const std::string what = take_step(model, engine, scenario.steps[i]);
    if (model.met_chance()) return std::nullopt;
    if (!what.empty()) return Difference{i + 1, what};
  }
  return std::nullopt;
}

Scenario shrink(Scenario scenario) {
  const auto cut = [&](Scenario candidate) {
    const std::optional<Difference> difference = find_difference(candidate);
    if (!difference) return false;
    candidate.steps.resize(difference->steps);
    scenario = std::move(candidate);
    return true;
  };
  if (!cut(scenario)) return scenario;
  for (std::size_t count = scenario.steps.size() / 2; count > 0;) {
    bool smaller = false;
    for (std::size_t first = 0; first + count <= scenario.steps.size();)
      if (cut(without(scenario, first, count)))
        smaller = true;
      else
        first += count;
    if (count > 1 || !smaller) count /= 2;
  }
  return scenario;
}

std::string describe(const Scenario& scenario) {
  std::string text;
  for (const Step& step : scenario.steps) text += "  " + text_of(step) + '\n';
  const std::optional<Difference> difference = find_difference(scenario);
  return text + (difference ? difference->what.substr(1) : "  no difference");
}

}  // namespace lvs::test
