#pragma once

#include <cstdint>
#include <vector>

#include "net/linux/packet_socket.h"
#include "net/wire/addr.h"
#include "tests/support/netns.h"

namespace lvs::test {

/// SYNs to 192.168.1.99:80 from sources in 198.18.0.0/15 (RFC 2544) that nobody has, straight from
/// a host's eth0.
class RawFlood {
 public:
  /// `to` is the director's MAC address.
  RawFlood(const Netns& from, const MacAddr& to);

  /// Sends so many more, each from another source; as fast as the link takes them.
  void send(std::uint32_t count);

 private:
  std::uint32_t sent_ = 0;
  linux_net::UniqueFd socket_;
  std::vector<std::uint8_t> frame_;
};

}  // namespace lvs::test
