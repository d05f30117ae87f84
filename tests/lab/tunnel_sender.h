#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "net/linux/fd.h"
#include "net/linux/rtnetlink.h"
#include "net/wire/addr.h"

namespace lvs::test {

/// How a director of a test wraps what it forwards.
struct Wrapping {
  std::vector<std::uint8_t> headers;  ///< outer IP header and what follows it, lengths zero
  bool outer_is_v4 = true;
  bool is_udp = false;  ///< a UDP header stands behind the outer IP header
  bool with_udp_checksum = false;
};

/// IPIP; GRE with checksum, key and sequence number where `all_options`; GUE of variant 0 with
/// eight bytes of optional fields where `all_options`, else of variant 1.
Wrapping ipip(const IpAddr& from, const IpAddr& to, Family inner);
Wrapping gre(const IpAddr& from, const IpAddr& to, Family inner, bool all_options);
Wrapping gue(const IpAddr& from, const IpAddr& to, Port port, Family inner, bool all_options);

/// The outer headers for `packet`, with their lengths and checksum, and the packet itself.
std::vector<std::uint8_t> wrapped(const Wrapping& wrapping, std::span<const std::uint8_t> packet);

/// A director of method tun made of two file descriptors: what is routed into its TUN device leaves
/// by a link in an outer header. With `offload` inner checksums stay unfinished, as on a path
/// that never meets a wire. (Super-packets cannot be sent this way: the kernel drops a frame of
/// AF_PACKET that it would have to segment inside a tunnel.) In the network namespace of the thread
/// that starts it; its thread and its device end with the object.
class TunnelSender {
 public:
  TunnelSender(const std::string& device, bool offload);
  ~TunnelSender();
  TunnelSender(const TunnelSender&) = delete;
  TunnelSender& operator=(const TunnelSender&) = delete;
  TunnelSender(TunnelSender&&) = delete;
  TunnelSender& operator=(TunnelSender&&) = delete;

  bool ready() const { return tun_ && stop_; }
  /// Begins to forward by `link` to the MAC address `to`; IPv4 and IPv6 packets have wrappings of
  /// their own.
  bool start(const linux_net::Link& link, const MacAddr& to, Wrapping for_v4, Wrapping for_v6);
  /// How many packets were sent whose checksum the receiver has to finish.
  std::size_t unfinished() const { return unfinished_; }

 private:
  void forward();
  void forward_one();

  bool offload_;
  linux_net::UniqueFd tun_;
  linux_net::UniqueFd stop_;
  linux_net::UniqueFd out_;
  std::vector<std::uint8_t> ethernet_;
  std::array<Wrapping, 2> wrappings_;
  std::atomic<std::size_t> unfinished_ = 0;
  std::thread thread_;
};

}  // namespace lvs::test
