#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "net/wire/addr.h"

namespace lvs::bench {

/// Addresses of the benches' network, by number.
IpAddr client_address(Family family, std::uint32_t flow);
Port client_port(std::uint32_t flow);
IpAddr vip_address(Family family, std::uint32_t service);
IpAddr server_address(Family family, std::uint32_t server);
inline constexpr Port kVipPort{80};
inline constexpr Port kServerPort{8080};
/// Flows have so many clients between them.
inline constexpr std::uint32_t kClients = 4096;

/// Writes frames of numbered flows: TCP segments without payload, whose checksum the sender left
/// unfinished, as they come from a veth.
class FlowFrames {
 public:
  struct Ends {
    IpAddr source{};
    IpAddr destination{};
    Port source_port{};
    Port destination_port{};
  };

  explicit FlowFrames(Family family);
  std::size_t frame_bytes() const { return pattern_.size(); }
  /// `frame` has frame_bytes().
  void write(std::span<std::uint8_t> frame, const Ends& ends, std::uint8_t tcp_flags) const;

 private:
  Family family_;
  std::vector<std::uint8_t> pattern_;
};

}  // namespace lvs::bench
