#pragma once

#include <cstdint>
#include <functional>

#include "director/core/engine.h"
#include "director/core/ipvsadm/command.h"
#include "net/base/result.h"
#include "net/base/time.h"

namespace lvs::director::ipvsadm {

/// What IPVS has once for all services and the engine has for each: --set, and two sysctls.
struct CommonSettings {
  std::uint32_t tcp_timeout_s = 900;
  std::uint32_t tcp_fin_timeout_s = 120;
  std::uint32_t udp_timeout_s = 300;
  bool expire_nodest_conn = false;
  bool expire_quiescent_template = false;
};

/// What commands are carried out on.
struct Target {
  Engine& engine;
  CommonSettings& common;
  /// The way to a server, as the host knows it.
  std::function<Result<NextHopId>(const IpAddr& server)> way_to;
};

/// Does what a command of configuration asks for; what only lists does nothing. The error is the
/// engine's: nothing was changed then, but for --set and --clear, which may stop half way. Names
/// and timeouts of what is edited stay.
Result<void> carry_out(const Command& command, const Target& target, Tick now);

}  // namespace lvs::director::ipvsadm
