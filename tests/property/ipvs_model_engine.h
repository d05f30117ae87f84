#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "director/core/engine.h"
#include "tests/property/ipvs_model_scenario.h"

namespace lvs::test {

/// An engine that takes the model's steps, and says in text what came of them.
class EngineUnderTest {
 public:
  explicit EngineUnderTest(Tick start);

  bool command(const Step& step);
  std::string packet(const ModelPacket& packet);
  void wait(Ticks length);

  /// Each service with its servers in scheduling order, each connection; sorted lines.
  std::vector<std::string> servers() const;
  std::vector<std::string> connections() const;

 private:
  using ServerName = std::pair<director::ServiceKey, IpAddr>;

  director::NextHopId hop_of(const director::ServiceKey& service, const IpAddr& address);
  std::string outcome(const director::Verdict& verdict, const director::Frame& frame,
                      const ModelPacket& packet) const;
  std::string forwarded(const director::Verdict& verdict, const director::Frame& frame) const;
  std::string answer(const director::Verdict& verdict) const;

  Tick now_;
  director::Engine engine_;
  std::map<ServerName, director::NextHopId> hops_;
  std::map<director::NextHopId, IpAddr> servers_by_hop_;
  director::NextHopId back_{};
  std::array<std::uint8_t, director::Engine::kAnswerBytes> scratch_{};
};

/// The same of the model.
std::string outcome_text(const ModelVerdict& verdict, const ModelPacket& packet);
std::vector<std::string> server_lines(const IpvsModel& model);
std::vector<std::string> connection_lines(const IpvsModel& model);

}  // namespace lvs::test
