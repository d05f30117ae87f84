#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <span>
#include <string>

namespace lvs::linux_net {

/// Walks the messages of one datagram; stops at the first that does not fit.
class MessageReader {
 public:
  explicit MessageReader(std::span<const std::uint8_t> datagram) : rest_(datagram) {}
  /// Null at the end.
  const nlmsghdr* next();

 private:
  std::span<const std::uint8_t> rest_;
};

/// The kernel's answer to one request: an acknowledgement when `error` is 0.
struct KernelAnswer {
  int error = 0;             ///< a positive errno
  std::string text;          ///< the extended ACK's sentence; may be empty
  bool interrupted = false;  ///< the end of a dump: what was dumped changed meanwhile
};

/// Of a message of type NLMSG_ERROR. A message too short to tell is EPROTO.
KernelAnswer parse_error(const nlmsghdr& message);
/// Of a message of type NLMSG_DONE, which ends a dump.
KernelAnswer parse_done(const nlmsghdr& message);

/// "ipv4: Address already assigned (File exists)", or only "File exists".
std::string describe(const KernelAnswer& answer);

}  // namespace lvs::linux_net
