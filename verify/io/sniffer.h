#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "verify/core/wire_flows.h"

struct pcap;

namespace lvs::verify {

/// Captures the frames of one NIC to memory. The kernel captures from the moment start() returns,
/// so no frame that is sent later is missed; frames are few because the kernel filters them, and
/// wait in its buffer until they are fetched.
class Sniffer {
 public:
  struct Options {
    std::string nic;
    std::string filter;  ///< tcpdump's language, run by the kernel
  };
  /// EPERM: CAP_NET_RAW is missing. EINVAL: the filter does not compile.
  static Result<Sniffer> start(const Options& options);

  /// Everything that was fetched so far, in the order of capture, both directions.
  std::span<const Frame> frames() const { return frames_; }
  /// Fetches what the kernel has; does not wait.
  Result<void> fetch();
  /// Fetches until `enough` says so or the deadline comes; true: it was enough.
  Result<bool> fetch_until(const std::function<bool(std::span<const Frame>)>& enough,
                           std::chrono::steady_clock::time_point deadline);
  /// Frames that matched the filter and were lost for want of room.
  Result<std::size_t> lost() const;

 private:
  struct Close {
    void operator()(pcap* handle) const;
  };
  explicit Sniffer(std::unique_ptr<pcap, Close> handle) : handle_(std::move(handle)) {}

  std::unique_ptr<pcap, Close> handle_;
  std::vector<Frame> frames_;
};

}  // namespace lvs::verify
