#include "director/simulate/simulator.h"

#include <algorithm>
#include <array>
#include <span>

#include "director/core/ipvsadm/parse.h"
#include "director/core/ipvsadm/words.h"
#include "director/simulate/frames.h"
#include "director/simulate/host_stack.h"
#include "director/simulate/sysctl.h"
#include "director/simulate/template_line.h"

namespace lvs::director::simulate {
namespace {

constexpr EngineSeed kSeed{{0x5eed, 0x5eed}};  // the same run gives the same answers
constexpr Ticks kBetweenSteps{2};
constexpr Ticks kStride = seconds_to_ticks(1);  // what happens each second is not to be missed
constexpr std::size_t kAtOnce = 256;
constexpr LinkIndex kClients{1}, kServers{2};

EngineLimits limits_for(std::uint32_t connections) {
  constexpr std::uint32_t kNoLimit = 1000000000;
  return {
      .connections = connections, .new_flows_per_second = kNoLimit, .answers_per_second = kNoLimit};
}

}  // namespace

Simulator::Simulator(const Setup& setup)
    : engine_(limits_for(setup.connections), kSeed, kSchedulers, now_), names_(setup.names) {}

Result<void> Simulator::set_sysctl(std::string_view name, std::int64_t value) {
  LVS_CHECK(simulate::set_sysctl(name, value, settings_, common_));
  engine_.set_settings(settings_);
  return {};
}

Result<NextHopId> Simulator::way_to(const IpAddr& server) {
  const auto known = std::ranges::find(servers_, server);
  if (known != servers_.end())
    return NextHopId{static_cast<std::uint16_t>(known - servers_.begin() + 1)};
  LVS_TRY(const NextHopId hop,
          engine_.add_next_hop({.link = kServers, .source = kDirectorMac, .resolved = true}));
  servers_.push_back(server);
  return hop;
}

Result<Order> Simulator::read(const std::string& command) const {
  const std::vector<std::string> words = ipvsadm::split_words(command);
  if (words.empty()) return fail("an empty command");
  const std::span<const std::string> rest = std::span{words}.subspan(1);
  const std::string& program = words.front();
  if (program == "ip") return Order{};
  if (program.starts_with("iptables") || program.starts_with("ip6tables")) {
    LVS_TRY(const MarkingRule rule, parse_marking_rule(rest));
    return Order{rule};
  }
  if (program != "ipvsadm") return fail(command + ": no command of ipvsadm");
  auto parsed = ipvsadm::parse(rest, names_);
  if (!parsed) return fail(command + ": " + parsed.error().message);
  return Order{*std::move(parsed)};
}

Result<void> Simulator::obey(const Order& order) {
  if (const auto* const rule = std::get_if<MarkingRule>(&order)) marking_.push_back(*rule);
  const auto* const command = std::get_if<ipvsadm::Command>(&order);
  if (command == nullptr) return {};
  const ipvsadm::Target target{.engine = engine_,
                               .common = common_,
                               .way_to = [this](const IpAddr& server) { return way_to(server); }};
  LVS_CHECK(ipvsadm::carry_out(*command, target, now_));
  const auto* const added = std::get_if<ipvsadm::AddService>(command);
  if (added != nullptr && first_mark_ == 0) first_mark_ = added->config.key.mark;
  return {};
}

void Simulator::pass(Ticks time) {
  while (time.number != 0) {
    const Ticks stride = std::min(time, kStride);
    now_ = now_ + stride;
    time.number -= stride.number;
    while (engine_.expire(now_, kAtOnce)) {
    }
  }
}

void Simulator::settle() { pass(kBetweenSteps); }

std::uint32_t Simulator::mark_of_packet(const ClientFlow& flow) const {
  return marking_.empty() ? first_mark_ : mark_of(marking_, flow);
}

void Simulator::send(const ClientFlow& flow, std::uint8_t tcp_flags, StepResult& result) {
  std::vector<std::uint8_t> bytes = make_frame(flow, tcp_flags, kHeadroom);
  std::array<std::uint8_t, Engine::kAnswerBytes> scratch{};
  Frame frame{.bytes = std::span{bytes}.subspan(kHeadroom),
              .headroom = kHeadroom,
              .ingress = kClients,
              .mark = mark_of_packet(flow)};
  const Verdict verdict = engine_.process(frame, now_, scratch);
  engine_.count(verdict);
  if (verdict.action == Action::Answer)
    result.replies.push_back(
        packet_text(wire::ConstBytes{scratch}.first(verdict.answer_length), 0));
  if (verdict.action == Action::Kernel)
    if (const auto answer = answer_of_host(frame.bytes); !answer.empty())
      result.replies.push_back(packet_text(answer, 0));
  if (verdict.action != Action::Forward) return;
  result.forwarded.push_back(packet_text(frame.bytes, verdict.outer_length));
  result.chosen = ChosenServer{servers_[verdict.next_hop.number - 1u],
                               destination_port_of(frame.bytes, verdict.outer_length)};
}

/// The table says who was chosen; what is never in it (one-packet scheduling) is known by where it
/// went.
void Simulator::look_up(const ClientFlow& flow, StepResult& result) const {
  const auto connection = engine_.find_connection(flow, now_);
  if (!connection) return;
  result.chosen = ChosenServer{connection->server, connection->server_port};
  result.state = connection->state;
}

StepResult Simulator::play(const Step& step) {
  StepResult result;
  settle();
  if (const auto* const pause = std::get_if<Pause>(&step)) {
    pass(seconds_to_ticks(pause->seconds));
    return result;
  }
  const Packets& packets = std::get<Packets>(step);
  for (const std::uint8_t flags : packets.flags) send(packets.flow, flags, result);
  look_up(packets.flow, result);
  return result;
}

std::vector<std::string> Simulator::templates() const {
  std::vector<std::string> lines;
  std::vector<ConnectionStatus> some;
  std::uint32_t position = 0;
  do {
    some.clear();
    position = engine_.connections(position, kAtOnce, now_, some);
    for (const ConnectionStatus& connection : some)
      if (connection.is_template) lines.push_back(connection_line(connection));
  } while (position != 0);
  std::ranges::sort(lines);
  return lines;
}

namespace {

Result<void> set_up(Simulator& simulator, const Scenario& scenario) {
  for (const auto& [name, value] : scenario.sysctls) LVS_CHECK(simulator.set_sysctl(name, value));
  for (const std::string& command : scenario.commands) {
    LVS_TRY(const Order order, simulator.read(command));
    if (const auto done = simulator.obey(order); !done) return fail_within(command, done.error());
  }
  return {};
}

Result<void> run_events(Simulator& simulator, std::span<const Event> events, std::size_t before,
                        std::vector<std::string>& refused) {
  for (const Event& event : events) {
    if (event.before != before) continue;
    LVS_TRY(const Order order, simulator.read(event.command));
    if (const auto done = simulator.obey(order); !done)
      refused.push_back(event.command + ": " + done.error().what);
  }
  return {};
}

/// Room for all that the scenario's packets may open, templates too.
std::uint32_t connections_for(const Scenario& scenario) {
  constexpr std::size_t kMost = 4194304, kForEachStep = 4;
  return static_cast<std::uint32_t>(std::min(scenario.steps.size() * kForEachStep + 1, kMost));
}

}  // namespace

Result<ScenarioResult> simulate(const Scenario& scenario, const ipvsadm::Names& names) {
  Simulator simulator({.connections = connections_for(scenario), .names = names});
  LVS_CHECK(set_up(simulator, scenario));
  ScenarioResult result;
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    LVS_CHECK(run_events(simulator, scenario.events, i, result.refused));
    result.steps.push_back(simulator.play(scenario.steps[i]));
  }
  simulator.settle();
  result.templates = simulator.templates();
  result.services = simulator.services();
  return result;
}

}  // namespace lvs::director::simulate
