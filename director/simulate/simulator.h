#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "director/core/engine.h"
#include "director/core/ipvsadm/carry_out.h"
#include "director/core/ipvsadm/command.h"
#include "director/core/ipvsadm/names.h"
#include "director/simulate/marks.h"
#include "director/simulate/scenario.h"
#include "net/base/result.h"
#include "net/base/time.h"

namespace lvs::director::simulate {

struct ChosenServer {
  IpAddr address{};
  Port port{};
  friend bool operator==(const ChosenServer&, const ChosenServer&) = default;
};

/// What came of one step.
struct StepResult {
  std::optional<ChosenServer> chosen;  ///< none: no connection, or the step was a pause
  std::string state;                   ///< empty: no connection is in the table
  std::vector<std::string> replies;    ///< that the director's host sent to the client
  std::vector<std::string> forwarded;  ///< as they left toward the server
};

/// What a line of a recorder's commands asks for; nothing to be done for what only makes addresses
/// local.
using Order = std::variant<std::monostate, MarkingRule, ipvsadm::Command>;

/// An engine alone: commands and packets in, what came of them out, on a clock that moves only when
/// it is told to. No sockets, nothing of this host.
///
/// Its director is a host with a way to every server, and the host's own stack listens nowhere. A
/// recorder ran a program for each command and packet, so a few ticks pass between steps; the
/// packets of one step follow each other at once.
class Simulator {
 public:
  struct Setup {
    std::uint32_t connections = 65536;
    ipvsadm::Names names{};
  };
  explicit Simulator(const Setup& setup);
  Simulator(const Simulator&) = delete;  // carries a way that names this
  Simulator& operator=(const Simulator&) = delete;
  Simulator(Simulator&&) = delete;
  Simulator& operator=(Simulator&&) = delete;
  ~Simulator() = default;

  /// For services that are made from now on, as of net.ipv4.vs.
  Result<void> set_sysctl(std::string_view name, std::int64_t value);
  /// "ipvsadm …"; "iptables … --set-mark N" says which packets carry marks (without such a rule all
  /// carry that of the first service by mark); "ip …" is passed over: every address is local.
  Result<Order> read(const std::string& command) const;
  /// The error is the engine's: it refused, and nothing was changed.
  Result<void> obey(const Order& order);
  StepResult play(const Step& step);
  /// A step's time passes.
  void settle();

  /// As `ipvsadm -Lnc` writes them, sorted.
  std::vector<std::string> templates() const;
  std::vector<ServiceStatus> services() const { return engine_.services(); }
  const VerdictCounters& counters() const { return engine_.counters(); }

 private:
  Result<NextHopId> way_to(const IpAddr& server);
  void send(const ClientFlow& flow, std::uint8_t tcp_flags, StepResult& result);
  void look_up(const ClientFlow& flow, StepResult& result) const;
  void pass(Ticks time);
  std::uint32_t mark_of_packet(const ClientFlow& flow) const;

  Tick now_{1000};
  Engine engine_;
  EngineSettings settings_;
  ipvsadm::CommonSettings common_;
  ipvsadm::Names names_;
  std::vector<MarkingRule> marking_;
  std::uint32_t first_mark_ = 0;
  std::vector<IpAddr> servers_;  ///< by next hop
};

/// All of a scenario. A command that IPVS refuses is an error where the scenario is set up; among
/// its events it changes nothing and the scenario goes on, as it did for the recorder.
struct ScenarioResult {
  std::vector<StepResult> steps;
  std::vector<std::string> refused;  ///< events' commands, and why
  std::vector<std::string> templates;
  std::vector<ServiceStatus> services;
};
Result<ScenarioResult> simulate(const Scenario& scenario, const ipvsadm::Names& names);

}  // namespace lvs::director::simulate
