#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "net/json/json.h"
#include "net/linux/packet_socket.h"
#include "net/linux/process.h"
#include "tests/support/netns.h"

// A small cluster on one LAN, with a real lvs-director in it: client .10, director .90, real
// servers .91 and .92, VIP 192.168.1.99. Offloads are left as veth has them: on.

namespace lvs::test {

using Clock = std::chrono::steady_clock;
inline Clock::time_point in_seconds(int seconds) {
  return Clock::now() + std::chrono::seconds(seconds);
}

/// A TCP server in a namespace. It reads a connection to its end and answers
/// "NAME BYTES CHECKSUM\n".
class CountingServer {
 public:
  CountingServer(const Netns& host, std::string name);
  CountingServer(const CountingServer&) = delete;
  CountingServer& operator=(const CountingServer&) = delete;
  CountingServer(CountingServer&&) = delete;
  CountingServer& operator=(CountingServer&&) = delete;
  ~CountingServer();

 private:
  void serve();

  linux_net::UniqueFd listener_;
  std::string name_;
  std::thread thread_;
};

/// What the answer to these bytes must be, without the name.
std::string answer_to(const std::string& bytes);

class DirectorLab {
 public:
  /// nullptr: this process may not make namespaces.
  static std::unique_ptr<DirectorLab> make();
  DirectorLab(const DirectorLab&) = delete;
  DirectorLab& operator=(const DirectorLab&) = delete;
  DirectorLab(DirectorLab&&) = delete;
  DirectorLab& operator=(DirectorLab&&) = delete;
  ~DirectorLab();

  /// Starts a director (binary of the folder of this test) and waits until it answers.
  void run_director(const std::string& profile, const std::string& program = "lvs-director");
  /// Ends the running director; its exit status.
  int stop_director(int signal_number);
  /// Runs lvs-director with these arguments in the director's namespace.
  linux_net::Finished director_command(std::vector<std::string> arguments) const;
  Json list() const;

  /// One connection from the client to the VIP; the whole answer, or "" with errno in `error`.
  std::string ask(const std::string& bytes, std::uint16_t port = 80, int* error = nullptr) const;
  /// The same to another address.
  std::string ask_at(Ipv4Addr address, std::uint16_t port, const std::string& bytes,
                     int* error = nullptr) const;

  const std::string& director_log() const { return log_; }
  std::filesystem::path folder() const { return folder_; }

  Netns fabric, client, director, rs1, rs2;

 private:
  DirectorLab(Netns a, Netns b, Netns c, Netns d, Netns e)
      : fabric(std::move(a)),
        client(std::move(b)),
        director(std::move(c)),
        rs1(std::move(d)),
        rs2(std::move(e)) {}

  std::filesystem::path folder_;
  std::string log_;
  std::optional<linux_net::ChildProcess> running_;
};

/// The director and both servers, as a profile names them.
extern const std::string kHostsOfLab;
/// A profile for this lab; `servers` as in TOML.
std::string profile_text(const std::string& servers);

/// Catches frames of one kind on eth0 of a namespace from its construction on.
class Trap {
 public:
  Trap(const Netns& where, std::span<const sock_filter> filter);
  /// Takes what has come so far.
  std::vector<linux_net::ReceivedFrame> caught();
  /// The first one; nullopt when none came before the deadline.
  std::optional<linux_net::ReceivedFrame> wait_for_one(Clock::time_point deadline);

 private:
  std::optional<linux_net::PacketSocket> socket_;
};

/// TCP segments with RST or ICMP messages from the VIP.
extern const std::vector<sock_filter> kRefusals;
/// TCP segments to the VIP with SYN and without ACK.
extern const std::vector<sock_filter> kSyns;

MacAddr mac_of(const Netns& host);

}  // namespace lvs::test
