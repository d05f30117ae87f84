#pragma once

#include <optional>
#include <span>
#include <vector>

#include "net/base/result.h"
#include "net/linux/fd.h"
#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/ecn.h"
#include "profiles/core/objects/decap.h"

namespace lvs::realserver {

/// A packet behind its outer header ("outer" includes the UDP header), and what that said of
/// congestion.
struct Received {
  wire::MutableBytes payload;
  wire::Ecn ecn = wire::Ecn::NotCapable;
};

/// One socket that takes the tunnel packets of a target, bound to the target's address: the
/// kernel's firewall has seen them, fragments are put together, and while it is open the kernel
/// does not answer "protocol unreachable".
class Receiver {
 public:
  /// Two sockets for IPIP (IPv4 and IPv6 inside), one for the others.
  static Result<std::vector<Receiver>> open(const profiles::DecapTarget& target);

  int fd() const { return fd_.get(); }
  profiles::TunnelType type() const { return type_; }
  Family inner() const { return inner_; }
  /// The next packet, in `buffer`; nullopt when there is none now.
  std::optional<Received> receive(std::span<std::uint8_t> buffer) const;

 private:
  static Result<Receiver> open_one(const profiles::DecapTarget& target, Protocol protocol);
  Receiver(linux_net::UniqueFd fd, profiles::TunnelType type, Family inner, bool with_ip_header)
      : fd_(std::move(fd)), type_(type), inner_(inner), with_ip_header_(with_ip_header) {}

  linux_net::UniqueFd fd_;
  profiles::TunnelType type_;
  Family inner_;         ///< of IPIP
  bool with_ip_header_;  ///< IPv4 raw sockets give the outer header too
};

}  // namespace lvs::realserver
