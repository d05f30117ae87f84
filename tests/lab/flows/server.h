#pragma once

#include <string>
#include <thread>

#include "net/linux/fd.h"
#include "tests/support/netns.h"

namespace lvs::test {

/// What a real server of the recordings runs: HTTP on port 80 and a UDP echo on port 53 of one
/// address. On ports 81 and 9999 nobody listens.
///
///   GET /      54 bytes, which end with the server's name, and closes
///   GET /big   20000 bytes of content, and closes
///   GET /hold  answers, and closes when the client has closed
///   GET /rst   resets the connection
///   POST       reads 24000 bytes, and answers like GET /
class RecordedServer {
 public:
  RecordedServer(const Netns& host, std::string name, const std::string& address);
  RecordedServer(const RecordedServer&) = delete;
  RecordedServer& operator=(const RecordedServer&) = delete;
  RecordedServer(RecordedServer&&) = delete;
  RecordedServer& operator=(RecordedServer&&) = delete;
  ~RecordedServer();

  /// From now on no SYN is answered.
  void fall_silent() const;

 private:
  void serve_http() const;
  void serve_udp() const;

  std::string name_;
  linux_net::UniqueFd http_;
  linux_net::UniqueFd udp_;
  linux_net::UniqueFd stop_;  ///< an eventfd
  std::thread http_thread_;
  std::thread udp_thread_;
};

inline constexpr std::size_t kUploadBytes = 24000;

}  // namespace lvs::test
