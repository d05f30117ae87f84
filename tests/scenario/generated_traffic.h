#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "director/io/carrier.h"
#include "net/wire/checksum.h"
#include "tests/support/frames.h"

namespace lvs::test {

/// A TCP segment of a client to 10.0.0.1:80.
struct Segment {
  Ipv4Addr client{};
  Port port{};
  std::uint8_t flags = 0;
};

/// A carrier that makes its frames as they are asked for, so that millions cost no memory. Tells
/// whom each sent frame went to by the last byte of its destination.
class GeneratedTraffic final : public director::Carrier {
 public:
  GeneratedTraffic() {
    const Bytes frame = make_frame({});
    for (Slot& slot : slots_) std::copy(frame.begin(), frame.end(), slot.begin() + kInFront);
    frame_bytes_ = frame.size();
  }

  std::size_t receive(std::span<director::CarrierFrame> batch) override {
    std::size_t count = 0;
    for (; count < batch.size() && next_ < segments.size(); ++count, ++next_) {
      const std::span frame = std::span(slots_[count]).subspan(kInFront, frame_bytes_);
      write(frame, segments[next_]);
      batch[count] = {
          .frame = {.bytes = frame, .headroom = director::kHeadroom, .ingress = LinkIndex{2}}};
    }
    return count;
  }
  void send(std::span<director::Outgoing> frames) override {
    for (director::Outgoing& frame : frames) {
      frame.sent = true;
      constexpr std::size_t last_of_mac = sizeof(linux_net::VirtioHeader) + 5;
      on_sent(frame.with_header[last_of_mac], frame.with_header);
    }
  }
  void release() override {
    if (next_ < segments.size()) return;
    segments.clear();
    next_ = 0;
  }
  void wait(int /*wake_fd*/, std::chrono::milliseconds /*longest*/) override {}
  Result<void> open_link(const std::string& /*name*/, LinkIndex /*link*/) override { return {}; }
  void close_link(LinkIndex /*link*/) override {}
  Result<void> select(const director::Selection& /*selection*/) override { return {}; }
  bool kernel_has_too(const director::Frame& /*frame*/) const override { return true; }
  std::vector<director::CarrierLink> links() override { return {}; }

  std::vector<Segment> segments;  ///< to come
  std::function<void(std::uint8_t server, std::span<const std::uint8_t> with_header)> on_sent =
      [](std::uint8_t, std::span<const std::uint8_t>) {};

 private:
  static constexpr std::size_t kInFront = sizeof(linux_net::VirtioHeader) + director::kHeadroom;
  using Slot = std::array<std::uint8_t, 256>;

  /// The TCP sum is not made: dr does not look at it.
  static void write(std::span<std::uint8_t> frame, const Segment& segment) {
    wire::store_ethernet(frame, kDirectorMac, kRouterMac, wire::EtherType::Ipv4);
    const std::span ip = frame.subspan(wire::kEthernetHeader);
    ip[8] = 64;
    wire::store_be32(ip, 12, segment.client.number());
    wire::store_be16(ip, 10, 0);
    wire::store_be16(ip, 10, wire::checksum_of(ip.first(20)));
    wire::store_be16(ip, 20, segment.port.number);
    ip[33] = segment.flags;
  }

  std::array<Slot, 64> slots_{};
  std::size_t frame_bytes_ = 0;
  std::size_t next_ = 0;
};

}  // namespace lvs::test
