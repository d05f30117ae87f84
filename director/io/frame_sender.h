#pragma once

#include <span>

#include "director/io/carrier.h"
#include "net/base/result.h"
#include "net/linux/fd.h"

namespace lvs::director {

/// Sends frames on any link by one packet socket, in batches, straight from where they lie. The
/// offload header is handed through, so unfinished checksums and super-frames leave as they came.
class FrameSender {
 public:
  static Result<FrameSender> open();

  /// Sends in order. A frame that the kernel refuses (link down, longer than the MTU) is passed
  /// over; when it has no room the rest is tried again a few times and then given up. A super-frame
  /// that its NIC does not cut is cut by the kernel.
  void send(std::span<Outgoing> frames);

 private:
  FrameSender(linux_net::UniqueFd fd, linux_net::UniqueFd by_queue)
      : fd_(std::move(fd)), by_queue_(std::move(by_queue)) {}
  /// One system call; how many of the first frames it took. 0: errno says why.
  std::size_t send_some(std::span<Outgoing> frames);
  bool send_by_queue(Outgoing& frame);
  void wait_for_room() const;

  linux_net::UniqueFd fd_;  // past the queue of the link
  linux_net::UniqueFd by_queue_;
};

}  // namespace lvs::director
