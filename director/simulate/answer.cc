#include <algorithm>
#include <optional>

#include "director/core/service_check.h"
#include "director/simulate/record.h"

namespace lvs::director::simulate {
namespace {

Json texts(const std::vector<std::string>& lines) {
  Json all = Json::array();
  for (const std::string& line : lines) all.push(line);
  return all;
}

Json json_of(const StepResult& step) {
  const Json chosen = step.chosen ? Json{text_of(step.chosen->address, step.chosen->port)} : Json{};
  return Json::object({{"chosen", chosen},
                       {"state", step.state.empty() ? Json{} : Json{step.state}},
                       {"replies", texts(step.replies)},
                       {"forwarded", texts(step.forwarded)}});
}

Result<Json> answer_of(const Scenario& scenario, const ipvsadm::Names& names) {
  LVS_TRY(const ScenarioResult result, simulate(scenario, names));
  Json connections = Json::array();
  for (const StepResult& step : result.steps) connections.push(json_of(step));
  Json line = Json::object(
      {{"connections", std::move(connections)}, {"templates", texts(result.templates)}});
  if (!result.refused.empty()) line.set("refused", texts(result.refused));
  return line;
}

/// The server with this address and port, else the one with this address: a server of a mark is
/// listed with port 0, and its connections have their own.
std::optional<std::size_t> index_of(const std::vector<ChosenServer>& servers,
                                    const ChosenServer& chosen) {
  auto found = std::ranges::find(servers, chosen);
  if (found == servers.end())
    found = std::ranges::find(servers, chosen.address, &ChosenServer::address);
  if (found == servers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - servers.begin());
}

Result<Json> answer_of(const Clients& clients, const ipvsadm::Names& names) {
  Scenario scenario{.commands = clients.commands, .events = {}, .sysctls = {}, .steps = {}};
  for (const Packets& packets : clients.packets) scenario.steps.emplace_back(packets);
  LVS_TRY(const ScenarioResult result, simulate(scenario, names));
  Json chosen = Json::array();
  for (const StepResult& step : result.steps) {
    const auto index = step.chosen ? index_of(clients.servers, *step.chosen) : std::nullopt;
    chosen.push(index ? Json{std::uint64_t{*index}} : Json{});
  }
  return Json::object({{"chosen_server_index", std::move(chosen)}});
}

}  // namespace

Result<Json> answer(const Record& record, const ipvsadm::Names& names) {
  return std::visit([&names](const auto& what) { return answer_of(what, names); }, record);
}

}  // namespace lvs::director::simulate
