#pragma once

#include <deque>
#include <vector>

#include "director/io/carrier.h"
#include "net/linux/packet_ring.h"

namespace lvs::director {

/// A carrier whose wire is memory: what a test puts in comes out of receive(), what the pump sends
/// is kept.
class MemoryCarrier final : public Carrier {
 public:
  struct Arriving {
    std::vector<std::uint8_t> with_header;
    Frame frame{};  ///< its bytes are filled in
    bool truncated = false;
  };
  struct Sent {
    LinkIndex link{};
    std::vector<std::uint8_t> with_header;
  };

  std::size_t receive(std::span<CarrierFrame> batch) override {
    std::size_t count = 0;
    for (; count < batch.size() && !arriving.empty(); ++count) {
      held_.push_back(std::move(arriving.front()));
      arriving.pop_front();
      Arriving& one = held_.back();
      batch[count] = {one.frame, one.with_header, one.truncated};
      batch[count].frame.bytes =
          std::span(one.with_header).subspan(sizeof(linux_net::VirtioHeader));
    }
    return count;
  }
  void send(std::span<Outgoing> frames) override {
    for (Outgoing& frame : frames) {
      if (refuses == frame.link) continue;
      frame.sent = true;
      sent.push_back({frame.link, {frame.with_header.begin(), frame.with_header.end()}});
    }
  }
  void release() override { held_.clear(); }
  void wait(int /*wake_fd*/, std::chrono::milliseconds /*longest*/) override {}
  Result<void> open_link(const std::string& /*name*/, LinkIndex /*link*/) override { return {}; }
  void close_link(LinkIndex /*link*/) override {}
  Result<void> set_services(std::span<const ServiceKey> /*services*/) override { return {}; }
  std::vector<CarrierLink> links() override { return {{"eth0", true, 3}}; }

  std::deque<Arriving> arriving;
  std::vector<Sent> sent;
  LinkIndex refuses{};

 private:
  std::deque<Arriving> held_;
};

}  // namespace lvs::director
