#include "tests/lab/conversations.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>

#include "net/linux/socket_address.h"

namespace lvs::test {
namespace {

linux_net::UniqueFd listen_at(std::uint16_t port) {
  linux_net::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const auto any = linux_net::socket_address(Ipv4Addr{}, Port{port});
  EXPECT_EQ(bind(fd.get(), any.get(), any.length), 0);
  EXPECT_EQ(listen(fd.get(), 1024), 0);
  return fd;
}

/// False when the peer has ended.
bool give_back(int peer) {
  std::array<char, 4096> chunk{};
  const ssize_t count = recv(peer, chunk.data(), chunk.size(), 0);
  if (count <= 0) return false;
  return send(peer, chunk.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count;
}

}  // namespace

EchoingServer::EchoingServer(const Netns& host, std::uint16_t port)
    : listener_(host.run([port] { return listen_at(port); })),
      stop_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { serve(); }) {}

EchoingServer::~EchoingServer() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void EchoingServer::serve() {
  std::vector<linux_net::UniqueFd> peers;
  std::vector<pollfd> polled{{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
  while (poll(polled.data(), polled.size(), -1) >= 0 && polled[0].revents == 0) {
    for (std::size_t i = 2; i < polled.size(); ++i)
      if (polled[i].revents != 0 && !give_back(polled[i].fd)) polled[i].fd = -1;
    if (polled[1].revents == 0) continue;
    peers.emplace_back(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (peers.back()) polled.push_back({peers.back().get(), POLLIN, 0});
  }
}

Conversations::Conversations(const Netns& from, Ipv4Addr to, std::size_t count) {
  from.run([&] {
    const auto vip = linux_net::socket_address(to, Port{80});
    const timeval patience{20, 0};
    while (sockets_.size() < count) {
      linux_net::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      if (connect(fd.get(), vip.get(), vip.length) != 0) return false;
      sockets_.push_back(std::move(fd));
    }
    return true;
  });
}

bool Conversations::speaks(std::size_t number) {
  const std::string said = std::to_string(++said_) + "\n";
  const int fd = sockets_[number].get();
  if (send(fd, said.data(), said.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(said.size()))
    return false;
  std::string heard(said.size(), '\0');
  return recv(fd, heard.data(), heard.size(), MSG_WAITALL) == static_cast<ssize_t>(said.size()) &&
         heard == said;
}

std::size_t Conversations::count_speaking() {
  std::size_t count = 0;
  for (std::size_t i = 0; i < sockets_.size(); ++i) count += speaks(i) ? 1u : 0u;
  return count;
}

}  // namespace lvs::test
