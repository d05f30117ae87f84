#pragma once

#include <cstring>
#include <deque>
#include <vector>

#include "director/io/carrier.h"
#include "director/io/departure.h"

namespace lvs::director {

/// A carrier whose wire is memory: what a test puts in comes out of receive(), what the pump sends
/// is kept.
class MemoryCarrier final : public Carrier {
 public:
  struct Arriving {
    std::vector<std::uint8_t> with_header;
    Frame frame{};  ///< its bytes, headroom and offload are filled in
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
      linux_net::VirtioHeader header;
      std::memcpy(&header, one.with_header.data(), sizeof header);
      one.with_header.insert(one.with_header.begin(), kHeadroom, 0);
      batch[count] = {one.frame, header, one.truncated};
      batch[count].frame.bytes = std::span(one.with_header).subspan(kHeadroom + sizeof header);
      batch[count].frame.headroom = kHeadroom;
      batch[count].frame.offload = offload_of(header);
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
  Result<void> select(const Selection& /*selection*/) override { return {}; }
  bool kernel_has_too(const Frame& /*frame*/) const override { return kernel_has_all; }
  std::vector<CarrierLink> links() override { return {{"eth0", true, 3}}; }

  std::deque<Arriving> arriving;
  std::vector<Sent> sent;
  LinkIndex refuses{};
  bool kernel_has_all = false;

 private:
  std::deque<Arriving> held_;
};

}  // namespace lvs::director
