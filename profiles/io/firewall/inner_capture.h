#pragma once

#include <cstdint>
#include <vector>

#include "net/base/result.h"
#include "net/linux/packet_socket.h"
#include "net/wire/addr.h"

namespace lvs::profiles {

/// Sees UDP packets to a VIP's port come in by any link, before any firewall of IP does. What a
/// tunnel brought is there in its own right only when something took it out of the tunnel: a
/// device, a process that gives it to lo, or a program at a link's ingress, which runs before.
class InnerCapture {
 public:
  static Result<InnerCapture> start(const IpAddr& vip, Port port);
  /// True when a packet with this in it has come so far; does not wait.
  bool saw(const std::vector<std::uint8_t>& nonce);

 private:
  explicit InnerCapture(linux_net::PacketSocket socket) : socket_(std::move(socket)) {}
  linux_net::PacketSocket socket_;
};

}  // namespace lvs::profiles
