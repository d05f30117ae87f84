#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "director/core/engine.h"
#include "net/json/json.h"

namespace lvs::test {

/// Why the engine cannot play a recording yet; nothing when it can.
std::optional<std::string> missing_for(const Json& recording);

/// Plays a recording through an engine on a virtual clock: ipvsadm's commands and packets.
class Player {
 public:
  /// `recording` outlives the player, and missing_for() found nothing.
  explicit Player(const Json& recording);

  /// What happened that the recording does not say; empty when all is alike.
  std::vector<std::string> play();

 private:
  void command(const std::string& line);
  void add_or_edit_server(const director::ServiceKey& key, const std::vector<std::string>& words);
  void act(const Json& connection);
  void send(const Json& connection, const std::string& flags);
  void wait(director::Engine& engine, std::uint32_t ticks);
  void compare(const Json& connection);
  void compare_lists();
  void expect_equal(const Json& connection, const std::string& what, const std::string& recorded,
                    const std::string& ours);

  const Json& recording_;
  Tick now_{1000};
  director::Engine engine_;
  director::NextHopId hop_{};
  bool expire_nodest_ = false;
  bool host_replies_ = false;
  std::vector<std::string> replies_;
  std::vector<std::string> forwarded_;
  std::vector<std::string> differences_;
};

}  // namespace lvs::test
