#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/json/json.h"
#include "tests/support/ipvs_model/ipvs_model.h"

namespace lvs::test {

/// Plays a recording through the slow model of IPVS: what holds for the engine must hold for its
/// judge.
class ModelPlayer {
 public:
  /// `recording` outlives the player.
  explicit ModelPlayer(const Json& recording);

  /// What happened that the recording does not say; empty when all is alike.
  std::vector<std::string> play();

 private:
  /// iptables -j MARK: which packets carry a mark.
  struct MarkRule {
    Prefix destination{};
    Protocol protocol = director::kAnyProtocol;
    Port port{};  ///< 0: any
    std::uint32_t mark = 0;
  };

  void command(const std::string& line);
  void service_command(const std::vector<std::string>& words);
  void server_command(const director::ServiceKey& key, const std::vector<std::string>& words);
  void act(const Json& connection);
  void send(const ModelPacket& packet);
  ModelPacket packet_of(const Json& connection, const std::string& flags) const;
  void compare(const Json& connection, const ModelPacket& packet);
  void compare_lists();
  void compare_templates();
  void expect_equal(const std::string& what, const std::string& recorded, const std::string& ours);

  const Json& recording_;
  IpvsModel model_;
  director::ServiceConfig defaults_;
  std::vector<MarkRule> marks_;
  std::string chosen_;  ///< by the last packet that was forwarded
  std::vector<std::string> replies_;
  std::vector<std::string> forwarded_;
  std::vector<std::string> differences_;
};

}  // namespace lvs::test
