#pragma once

#include <linux/filter.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "net/base/link_index.h"
#include "net/base/result.h"
#include "net/linux/fd.h"

namespace lvs::linux_net {

/// One frame as AF_PACKET gave it.
struct ReceivedFrame {
  std::vector<std::uint8_t> bytes;  ///< from the Ethernet header on
  std::uint8_t packet_type = 0;     ///< PACKET_HOST, PACKET_OUTGOING …
};

/// A plain AF_PACKET socket on one link, for frames that are few: ARP, announcements, captures of a
/// test. The engine's carrier has rings instead (net/linux/packet_ring.h).
class PacketSocket {
 public:
  struct Options {
    std::uint16_t ethertype = 0x0003;          ///< ETH_P_ALL; ETH_P_ARP takes only ARP
    std::span<const sock_filter> filter = {};  ///< classic BPF, set before the socket is bound
    bool ignore_outgoing = false;
  };
  static Result<PacketSocket> open(LinkIndex link, const Options& options);

  int fd() const { return fd_.get(); }
  /// The next frame; nullopt when none came before the deadline.
  Result<std::optional<ReceivedFrame>> receive_until(
      std::chrono::steady_clock::time_point deadline);
  Result<void> send(std::span<const std::uint8_t> frame);

 private:
  explicit PacketSocket(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// Lets the kernel process `frame` (from the Ethernet header on) as if `link` had just received it,
/// without putting anything on the wire and without changing the host: an XDP program that says
/// XDP_PASS is run once over it (BPF_PROG_TEST_RUN with live frames, Linux 5.18). Needs CAP_BPF and
/// CAP_NET_ADMIN in the first user namespace; EPERM or EINVAL elsewhere.
Result<void> inject_as_received(LinkIndex link, std::span<const std::uint8_t> frame);

}  // namespace lvs::linux_net
