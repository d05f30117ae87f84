#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "director/core/config.h"
#include "net/base/time.h"
#include "tests/support/draw.h"
#include "tests/support/ipvs_model/ipvs_model.h"
#include "tests/support/ipvs_model/packet.h"

// Random lives of a director: commands, packets and waits.

namespace lvs::test {

/// One of these happens.
struct Step {
  enum class Kind : std::uint8_t {
    AddService,
    EditService,
    RemoveService,
    AddServer,
    EditServer,
    RemoveServer,
    Settings,
    Packet,
    Wait,
  };
  Kind kind = Kind::Wait;
  director::ServiceConfig service{};  ///< of a server's command only the key counts
  director::ServerConfig server{};
  director::EngineSettings settings{};
  ModelPacket packet{};
  Ticks wait{};
};

/// As a person would write it down, near to ipvsadm's language.
std::string text_of(const Step& step);
std::string text_of(const director::ServiceKey& key);
std::string endpoint_text(const IpAddr& address, Port port);

/// Draws steps that fit the services of one scenario and, for servers' answers and further packets
/// of clients, what the model knows at that time.
class ScenarioDraw {
 public:
  explicit ScenarioDraw(std::uint32_t seed);
  Step next(const IpvsModel& model);

 private:
  Step command();
  Step packet(const IpvsModel& model);
  Step wait();
  director::ServiceConfig service(const director::ServiceKey& key);
  director::ServerConfig server(const director::ServiceKey& key);
  ModelPacket request(const director::ServiceKey& key);
  bool answer(const IpvsModel& model, ModelPacket& packet);
  void draw_content(ModelPacket& packet, bool from_server);
  IpAddr client(Family family);

  template <typename Value>
  Value one_of(const std::vector<Value>& values) {
    return values[draw_.below(static_cast<std::uint32_t>(values.size()))];
  }
  bool shares_templates() const;
  std::size_t position_of(const director::ServiceKey& key) const;

  Draw draw_;
  std::vector<director::ServiceKey> keys_;
  bool expire_nodest_conn_ = false;
  bool expire_quiescent_template_ = false;
  std::uint32_t commands_share_ = 0;
  std::size_t step_ = 0;
};

}  // namespace lvs::test
