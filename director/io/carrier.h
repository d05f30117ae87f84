#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "director/core/engine.h"
#include "director/core/frame.h"
#include "director/io/filter/selection.h"
#include "net/base/link_index.h"
#include "net/base/result.h"
#include "net/linux/virtio_header.h"

namespace lvs::director {

/// The kernel's number for `lo`, the same in every network namespace.
inline constexpr LinkIndex kLoopback{1};

/// A frame between a carrier and the engine, in the carrier's memory. In front of its bytes, and in
/// front of its headroom, there is room for the offload header with which it leaves.
struct CarrierFrame {
  Frame frame{};
  linux_net::VirtioHeader offload{};  ///< as it came
  bool truncated = false;             ///< the carrier could not keep all of it
};

/// A frame to send: its offload header, then the frame.
struct Outgoing {
  LinkIndex link{};
  std::span<const std::uint8_t> with_header;
  bool sent = false;  ///< set by send()
};

/// One NIC of a carrier, for listings.
struct CarrierLink {
  std::string name;
  bool open = false;
  std::uint64_t lost = 0;  ///< frames that found no room, over all times it was open
  bool is_rough = false;   ///< the kernel's filter passes more than the selection
};

/// What brings frames in and out of the engine; it owns a set of NICs. Used by one thread. The
/// engine does not know which carrier runs; tests have one in memory.
class Carrier {
 public:
  Carrier() = default;
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;
  Carrier(Carrier&&) = delete;
  Carrier& operator=(Carrier&&) = delete;
  virtual ~Carrier() = default;

  /// Frames that are there now, from any NIC; does not wait. Their memory is valid until release().
  virtual std::size_t receive(std::span<CarrierFrame> batch) = 0;
  /// Sends what the kernel takes, in order, and says so in `sent`. Bounded: it does not wait for a
  /// link that takes nothing.
  virtual void send(std::span<Outgoing> frames) = 0;
  virtual void release() = 0;
  /// Waits until a frame is there, `wake_fd` is readable or the time is over.
  virtual void wait(int wake_fd, std::chrono::milliseconds longest) = 0;

  /// Receives from a link from now on; a link that is open under another number is closed first.
  virtual Result<void> open_link(const std::string& name, LinkIndex link) = 0;
  /// Forgets a link that has gone.
  virtual void close_link(LinkIndex link) = 0;
  /// These frames are ours from now on, on every link.
  virtual Result<void> select(const Selection& selection) = 0;
  /// True when the kernel has received this frame too, so that it must not be given back.
  virtual bool kernel_has_too(const Frame& frame) const = 0;
  virtual std::vector<CarrierLink> links() = 0;
};

}  // namespace lvs::director
