#include "tests/golden/player.h"

#include <algorithm>

#include "director/simulate/record.h"
#include "tests/golden/list_text.h"
#include "tests/golden/recording.h"

namespace lvs::test {
namespace {

namespace sim = director::simulate;

std::string member_text(const Json& object, const std::string& key) {
  const Json* const member = object.find(key);
  return member == nullptr ? "missing" : to_text(*member);
}

/// Members that a recorded step has only where there was something to record.
Json recorded_member(const Json& step, const std::string& key) {
  const Json* const member = step.find(key);
  if (member != nullptr) return *member;
  return key == "replies" ? Json::array() : Json{};
}

void compare_step(const Json& recorded, const Json& ours, std::vector<std::string>& differences) {
  for (const std::string key : {"chosen", "state", "replies", "forwarded"}) {
    // Packets that went where `chosen` says were not always recorded.
    if (key == "forwarded" && recorded.find(key) == nullptr) continue;
    const std::string expected = to_text(recorded_member(recorded, key));
    if (expected != member_text(ours, key))
      differences.push_back("connection " + std::to_string(number_of(recorded, "n")) + ' ' + key +
                            ": recorded " + expected + ", ours " + member_text(ours, key));
  }
}

void compare_steps(const Json& recording, const Json& ours, std::vector<std::string>& differences) {
  const Json::Array& recorded = items_of(recording, "connections");
  const Json::Array& played = items_of(ours, "connections");
  if (recorded.size() != played.size()) differences.emplace_back("not each step was answered");
  for (std::size_t i = 0; i < std::min(recorded.size(), played.size()); ++i)
    compare_step(recorded[i], played[i], differences);
}

/// "TCP 04:59  NONE …" without the time.
std::vector<std::string> without_expiry(std::vector<std::string> lines) {
  for (std::string& line : lines) {
    const std::size_t colon = line.find(':');
    const std::size_t start = line.rfind(' ', colon);
    line.erase(start, line.find(' ', colon) - start);
  }
  std::ranges::sort(lines);
  return lines;
}

void compare_texts(const std::string& what, const std::vector<std::string>& recorded,
                   const std::vector<std::string>& ours, std::vector<std::string>& differences) {
  if (recorded == ours) return;
  std::string text = what + ": recorded";
  for (const std::string& line : recorded) text += "\n  " + line;
  text += "\nours";
  for (const std::string& line : ours) text += "\n  " + line;
  differences.push_back(text);
}

void compare_scenario(const Json& recording, const Json& ours, const sim::Scenario& scenario,
                      std::vector<std::string>& differences) {
  compare_steps(recording, ours, differences);
  compare_texts("templates", without_expiry(texts_of(recording, "templates")),
                without_expiry(texts_of(ours, "templates")), differences);
  const auto played = sim::simulate(scenario, {});
  if (!played) return differences.push_back(played.error().what);
  compare_texts("final list", list_lines(text_of(recording, "final_ln")),
                list_lines(played->services), differences);
}

}  // namespace

std::vector<std::string> differences_to(const Json& recording) {
  const auto record = sim::read_record(recording);
  if (!record) return {record.error().what};
  const auto ours = sim::answer(*record, {});
  if (!ours) return {ours.error().what};
  std::vector<std::string> differences;
  if (const auto* const scenario = std::get_if<sim::Scenario>(&*record)) {
    compare_scenario(recording, *ours, *scenario, differences);
  } else if (member_text(recording, "chosen_server_index") !=
             member_text(*ours, "chosen_server_index")) {
    differences.emplace_back("chosen_server_index differs");
  }
  return differences;
}

}  // namespace lvs::test
