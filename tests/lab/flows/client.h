#pragma once

#include <cstdint>
#include <string>

#include "net/json/json.h"
#include "net/linux/fd.h"
#include "tests/support/netns.h"

namespace lvs::test {

/// The recordings' client: each step binds the client's port that it had there, so that flows have
/// the same names.
class RecordedClient {
 public:
  RecordedClient(const Netns& host, std::string vip);

  /// A connection. Without one errno is in `error`.
  linux_net::UniqueFd connect_from(std::uint16_t client_port, std::uint16_t port,
                                   int* error = nullptr) const;
  /// Begins to connect and does not wait.
  linux_net::UniqueFd begin_to_connect(std::uint16_t client_port, std::uint16_t port) const;
  /// Sends `request` and reads to the end of the answer, or to `bytes` of it.
  static std::string ask(const linux_net::UniqueFd& connection, const std::string& request,
                         std::size_t bytes = std::size_t{1} << 20);
  /// connect, ask and close: the answer, or "error [Errno N] TEXT" as the recording says it.
  std::string http(std::uint16_t client_port, std::uint16_t port, const std::string& request) const;
  /// Closes with RST.
  static void reset(linux_net::UniqueFd connection);

  struct Datagram {
    std::string payload{};
    std::uint16_t port = 53;
    bool must_not_fragment = false;  ///< IP_PMTUDISC_DO: the recording's "-df" steps
    int ttl = 64;
    bool has_answer = true;  ///< false: nothing comes back that a program hears of
  };
  /// [BYTES OF THE ECHO] or ["ECONNREFUSED"]; with must_not_fragment the path's MTU as well:
  /// [1472, "IP_MTU 1500"].
  Json udp(std::uint16_t client_port, const Datagram& datagram) const;
  /// Forgets what it has heard of the path's MTU.
  void forget_path_mtu() const;
  /// The echo of 56 bytes came back.
  bool ping(std::uint16_t id, std::uint16_t number) const;

 private:
  linux_net::UniqueFd bound_socket(std::uint16_t client_port, int kind) const;

  const Netns& host_;
  std::string vip_;
  std::string own_;
};

}  // namespace lvs::test
