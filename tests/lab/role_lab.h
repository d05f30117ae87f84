#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "net/linux/namespace.h"
#include "net/linux/packet_socket.h"
#include "net/wire/addr.h"
#include "tests/lab/cluster.h"
#include "verify/lab/host_parts.h"

namespace lvs::test {

/// A lab of a profile that the test writes itself, each host set up by the program that has its
/// part.
class RoleLab : public testing::Test {
 protected:
  void TearDown() override;

  /// Builds the lab; a failed test when that does not work.
  void up(const std::string& profile);

  /// Runs `COMMAND PROFILE --host HOST` of the host's program; its exit status must be `status`.
  std::string our_command(const std::string& command, const std::string& host, int status = 0);
  /// plan (2), apply and check on every host, in the order of `lab test`.
  void apply_all();
  /// revert on every host, in the opposite order.
  void revert_all();

  /// Runs `work` on a thread inside the host's network namespace.
  template <typename Work>
  auto in(const std::string& host, Work work) -> decltype(work()) {
    const int netns = cluster_->netns(host);
    std::optional<decltype(work())> result;
    std::thread([&] {
      enter(netns);
      result.emplace(work());
    }).join();
    return std::move(*result);
  }
  /// One line of the shell on a host; its standard output. It must succeed.
  std::string sh(const std::string& host, const std::string& line);
  /// The status with which it ended.
  int try_sh(const std::string& host, const std::string& line);
  std::string dump(const std::string& host);
  MacAddr mac(const std::string& host, const std::string& nic);

  Cluster& cluster() { return *cluster_; }
  const std::vector<verify::HostPart>& parts() const { return parts_; }

 private:
  static void enter(int netns_fd);

  std::filesystem::path folder_;
  std::unique_ptr<Cluster> cluster_;
  std::vector<verify::HostPart> parts_;
};

/// How long an event that must come may take. Nothing waits for it when all is well.
inline std::chrono::steady_clock::time_point before_long() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(20);
}

/// A station at a NIC that sends frames of its own and sees what comes back. Use it on the thread
/// of RoleLab::in().
class Station {
 public:
  /// At the NIC of this namespace; a failed test when there is none.
  explicit Station(const std::string& nic);

  const MacAddr& mac() const { return mac_; }
  void send(std::span<const std::uint8_t> frame);
  /// Reads frames until `is_last` says so of one; all that were read, that one included. A failed
  /// test when it does not come.
  template <typename IsLast>
  std::vector<std::vector<std::uint8_t>> read_until(IsLast is_last) {
    std::vector<std::vector<std::uint8_t>> frames;
    while (true) {
      auto frame = next();
      if (!frame) return frames;
      frames.push_back(*std::move(frame));
      if (is_last(frames.back())) return frames;
    }
  }

 private:
  std::optional<std::vector<std::uint8_t>> next();

  MacAddr mac_{};
  std::optional<linux_net::PacketSocket> socket_;
};

}  // namespace lvs::test
