#pragma once

#include "net/base/result.h"
#include "net/linux/fd.h"
#include "realserver/decap/inner_packet.h"

namespace lvs::realserver {

/// Gives packets to the kernel as if `lo` had received them.
class LoopbackSender {
 public:
  static Result<LoopbackSender> open();
  /// What the kernel refuses is lost, as on any wire.
  void send(const InnerPacket& packet) const;

 private:
  LoopbackSender(linux_net::UniqueFd fd, unsigned link) : fd_(std::move(fd)), link_(link) {}
  linux_net::UniqueFd fd_;
  unsigned link_;
};

}  // namespace lvs::realserver
