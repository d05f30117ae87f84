#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/linux/namespace.h"
#include "net/linux/process.h"

// A lab of ours as a user has it (`lvs-verify lab up`), with programs that are not ours to drive it
// and to listen: curl, tcpdump, nft.

namespace lvs::test {

/// What tcpdump saw, one line a packet, from start() until stop().
class Tcpdump {
 public:
  /// Listens on eth0 of the namespace; returns when the kernel captures.
  static std::unique_ptr<Tcpdump> start(int netns_fd, const std::filesystem::path& log,
                                        const std::vector<std::string>& arguments);
  /// Every line; fails the test when the kernel lost packets.
  std::vector<std::string> stop();

 private:
  Tcpdump(linux_net::ChildProcess process, std::filesystem::path log)
      : process_(std::move(process)), log_(std::move(log)) {}
  linux_net::ChildProcess process_;
  std::filesystem::path log_;
};

class Cluster {
 public:
  /// Builds the lab of a shipped profile; nullptr (and a failed test) when that does not work.
  static std::unique_ptr<Cluster> up(const std::string& profile);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;
  Cluster(Cluster&&) = delete;
  Cluster& operator=(Cluster&&) = delete;

  /// Runs a program on a host of the lab by `lvs-verify lab exec`.
  linux_net::Finished on(const std::string& host, std::vector<std::string> command,
                         int seconds = 60) const;
  /// The same, and a failed test when it does not exit with 0; gives its standard output.
  std::string ok_on(const std::string& host, std::vector<std::string> command,
                    int seconds = 60) const;

  /// `lvs-realserver apply` on each of these hosts.
  void apply_on(const std::vector<std::string>& hosts) const;
  /// Starts a director on lb1, waits until it is ready, and sees that it answers `list`.
  void run_director(const std::string& program = "lvs-director");
  /// SIGTERM; its exit status, or -1 when it did not end.
  int stop_director();
  std::string director_log() const;

  std::unique_ptr<Tcpdump> listen(const std::string& host, const std::string& filter,
                                  std::vector<std::string> arguments = {});
  int netns(const std::string& host);
  std::string mac(const std::string& host) const;
  const std::string& profile() const { return profile_; }
  std::filesystem::path scratch() const { return scratch_; }

 private:
  Cluster() = default;

  std::string name_;
  std::string profile_;
  std::filesystem::path bin_;
  std::filesystem::path scratch_;  // state folder of the lab and files of the test
  std::optional<linux_net::ChildProcess> director_;
  std::vector<std::pair<std::string, linux_net::NetNamespace>> namespaces_;
  int listeners_ = 0;
};

std::vector<std::string> lines_of(const std::string& text);

}  // namespace lvs::test
