#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "net/linux/fd.h"
#include "net/wire/addr.h"
#include "tests/support/netns.h"

namespace lvs::test {

/// A TCP server in a namespace that gives back what it gets, on any number of connections at once.
class EchoingServer {
 public:
  explicit EchoingServer(const Netns& host, std::uint16_t port = 80);
  EchoingServer(const EchoingServer&) = delete;
  EchoingServer& operator=(const EchoingServer&) = delete;
  EchoingServer(EchoingServer&&) = delete;
  EchoingServer& operator=(EchoingServer&&) = delete;
  ~EchoingServer();

 private:
  void serve();

  linux_net::UniqueFd listener_;
  linux_net::UniqueFd stop_;
  std::thread thread_;
};

/// TCP connections that stay, from a namespace to an address.
class Conversations {
 public:
  /// Opens so many; fewer when one does not come to be within 20 seconds.
  Conversations(const Netns& from, Ipv4Addr to, std::size_t count);

  std::size_t size() const { return sockets_.size(); }
  /// One says something new; true when just that comes back within 20 seconds.
  bool speaks(std::size_t number);
  /// How many do.
  std::size_t count_speaking();

 private:
  std::vector<linux_net::UniqueFd> sockets_;
  std::uint64_t said_ = 0;
};

}  // namespace lvs::test
