#pragma once

#include <linux/filter.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "net/base/link_index.h"
#include "net/base/result.h"
#include "net/linux/fd.h"
#include "net/linux/virtio_header.h"

namespace lvs::linux_net {

/// One received frame in ring memory. Valid, and ours to write to, until release().
struct RingFrame {
  std::span<std::uint8_t> frame;  ///< from the Ethernet header on
  /// Bytes in front of the frame that may be written, besides the ten right before them: those are
  /// kept for a VirtioHeader. The header that came was there.
  std::size_t headroom = 0;
  std::size_t tailroom = 0;  ///< and behind the frame
  VirtioHeader header{};
  std::uint8_t packet_type = 0;  ///< PACKET_HOST, PACKET_OTHERHOST …
  bool truncated = false;        ///< the ring kept less than the wire had
};

/// Receives frames of one link through memory shared with the kernel (TPACKET_V2; V3 is a
/// millisecond late at low load). Bound as ETH_P_ALL, so that it sees frames which netdev ingress
/// drops later; our own transmissions are left out. Frames have room for a super-frame of 64 KiB:
/// a smaller ring would cut those in silence.
class PacketRing {
 public:
  static constexpr std::size_t kFrameBytes = std::size_t{68} * 1024;
  static constexpr std::size_t kFrames = 525;   ///< 35 blocks of 1 MiB, 15 frames each
  static constexpr std::size_t kHeadroom = 64;  ///< at least, of every frame

  /// Frames that `filter` refuses are never received. Nothing is received before the filter is set.
  static Result<PacketRing> open(LinkIndex link, std::span<const sock_filter> filter);

  int fd() const { return fd_.get(); }
  LinkIndex link() const { return link_; }

  /// Fills `batch` from its start with frames that are there now; returns how many.
  std::size_t receive(std::span<RingFrame> batch);
  /// Gives the memory of every frame received so far back to the kernel.
  void release();

  /// Takes the place of the filter at once: no frame meets both or neither.
  Result<void> set_filter(std::span<const sock_filter> filter);
  /// Frames that found the ring full, since the ring was opened.
  std::uint64_t lost();
  /// Reads the socket's pending error and clears it (ENETDOWN after the link went down); 0: none.
  /// While one is pending, poll() returns at once.
  int take_error();

 private:
  struct Unmap {
    std::size_t length = 0;
    void operator()(std::uint8_t* memory) const;
  };
  using Memory = std::unique_ptr<std::uint8_t, Unmap>;

  PacketRing(UniqueFd fd, LinkIndex link, Memory memory)
      : fd_(std::move(fd)), link_(link), memory_(std::move(memory)) {}
  std::uint8_t* slot(std::size_t number) const;

  UniqueFd fd_;
  LinkIndex link_{};
  Memory memory_;
  std::size_t next_ = 0;         // the slot that the kernel fills next, as far as we looked
  std::size_t outstanding_ = 0;  // slots before next_ that are still ours
  std::uint64_t lost_ = 0;
};

}  // namespace lvs::linux_net
