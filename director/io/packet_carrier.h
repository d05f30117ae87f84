#pragma once

#include <list>

#include "director/io/carrier.h"
#include "director/io/filter/tap_filter.h"
#include "director/io/frame_sender.h"
#include "net/linux/packet_ring.h"

namespace lvs::director {

/// The carrier over AF_PACKET: a receive ring a NIC, one socket for sending.
class PacketCarrier final : public Carrier {
 public:
  static Result<std::unique_ptr<PacketCarrier>> open();

  std::size_t receive(std::span<CarrierFrame> batch) override;
  void send(std::span<Outgoing> frames) override { sender_.send(frames); }
  void release() override;
  void wait(int wake_fd, std::chrono::milliseconds longest) override;

  Result<void> open_link(const std::string& name, LinkIndex link) override;
  void close_link(LinkIndex link) override;
  Result<void> select(const Selection& selection) override;
  bool kernel_has_too(const Frame& frame) const override {
    return director::kernel_has_too(selection_, frame);
  }
  std::vector<CarrierLink> links() override;

 private:
  struct Tap {
    std::string name;
    std::optional<linux_net::PacketRing> ring;  // none while the link is gone
    std::uint64_t lost_before = 0;              // by rings that are closed
    TapFilter filter;
  };

  explicit PacketCarrier(FrameSender sender) : sender_(std::move(sender)) {}
  static std::size_t receive_from(Tap& tap, std::span<CarrierFrame> batch);

  FrameSender sender_;
  Selection selection_;
  std::list<Tap> taps_;
  std::size_t first_ = 0;  // the tap whose turn it is to be read first
};

}  // namespace lvs::director
