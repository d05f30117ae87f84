#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "net/base/result.h"
#include "net/linux/packet_socket.h"
#include "net/wire/addr.h"
#include "verify/core/known_hosts.h"
#include "verify/core/owner.h"
#include "verify/core/wire_flows.h"
#include "verify/io/facing.h"

namespace lvs::verify {

/// Asks who has an address, by broadcast, on one NIC, and hears everything that is said about it:
/// the kernel's own resolution stops listening after the first answer and asks by unicast later.
class ArpProber {
 public:
  /// EPERM: CAP_NET_RAW is missing.
  static Result<ArpProber> open(const Facing& facing);

  /// One broadcast who-has from this host's own address.
  Result<void> ask(Ipv4Addr wanted);
  /// One from 0.0.0.0, which claims nothing and which nobody may ignore as foreign (RFC 5227).
  Result<void> ask_as_zero(Ipv4Addr wanted);
  /// Gives every ARP frame that comes until the deadline to `hear`, which says when to stop.
  Result<void> listen_until(std::chrono::steady_clock::time_point deadline,
                            const std::function<bool(const Frame&)>& hear);

 private:
  ArpProber(linux_net::PacketSocket socket, Facing facing)
      : socket_(std::move(socket)), facing_(std::move(facing)) {}
  linux_net::PacketSocket socket_;
  Facing facing_;
};

/// Who answers for each of `wanted`; those that nobody answered for are missing. Asked three times
/// at most; returns as soon as all have answered.
Result<std::map<Ipv4Addr, MacAddr>> resolve(ArpProber& prober, const std::vector<Ipv4Addr>& wanted);

/// Everything said about `vip` in the window, asked eight times in each way, evenly spread.
Result<OwnerEvidence> watch_owner(ArpProber& prober, Ipv4Addr vip,
                                  std::chrono::milliseconds window);

}  // namespace lvs::verify
