#include "tests/lab/flows/server.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "net/linux/socket_address.h"
#include "net/wire/addr_text.h"
#include "tests/lab/flows/eventually.h"

namespace lvs::test {
namespace {

using linux_net::socket_address;
using linux_net::SocketAddress;
using linux_net::UniqueFd;

UniqueFd bound(const Netns& host, const std::string& address, std::uint16_t port, int kind) {
  return host.run([&] {
    const SocketAddress own = socket_address(*parse_ip(address), Port{port});
    UniqueFd fd(socket(own.storage.ss_family, kind | SOCK_CLOEXEC, 0));
    const int yes = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    EXPECT_EQ(bind(fd.get(), own.get(), own.length), 0) << address << " port " << port;
    if (kind == SOCK_STREAM) {
      EXPECT_EQ(listen(fd.get(), 16), 0);
    }
    return fd;
  });
}

/// False: it is time to stop.
bool wait_for(const UniqueFd& fd, const UniqueFd& stop) {
  std::array<pollfd, 2> both{{{fd.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}}};
  return poll(both.data(), both.size(), -1) > 0 && (both[1].revents & POLLIN) == 0;
}

/// What the client sent, until it is a whole request of ours or the client has closed.
std::string read_request(const UniqueFd& peer) {
  std::string request;
  std::array<char, 65536> chunk{};
  const auto whole = [&] {
    const std::size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    return request[0] == 'G' || request.size() >= head + 4 + kUploadBytes;
  };
  while (!whole()) {
    const ssize_t count = recv(peer.get(), chunk.data(), chunk.size(), 0);
    if (count <= 0) break;
    request.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return request;
}

/// Until the client has acknowledged all: the FIN that follows is then a segment of its own, as in
/// the recordings.
void wait_until_acknowledged(const UniqueFd& peer) {
  int left = 1;
  eventually([&] { return ioctl(peer.get(), SIOCOUTQ, &left) != 0 || left == 0; });
}

void answer(const UniqueFd& peer, const std::string& content) {
  const std::string text =
      "HTTP/1.0 200 OK\r\nServer: rs\r\nContent-Length: " + std::to_string(content.size()) +
      "\r\n\r\n" + content;
  send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
  wait_until_acknowledged(peer);
}

void hold(const UniqueFd& peer) {
  const std::string text = "HTTP/1.0 200 OK\r\n\r\n";
  send(peer.get(), text.data(), text.size(), MSG_NOSIGNAL);
  std::array<char, 16> none{};
  recv(peer.get(), none.data(), none.size(), 0);  // until the client closes
}

void serve(const UniqueFd& peer, const std::string& name) {
  const timeval patience{20, 0};
  setsockopt(peer.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const std::string request = read_request(peer);
  if (request.rfind("GET /rst", 0) == 0) {
    const linger at_once{1, 0};
    setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  } else if (request.rfind("GET /big", 0) == 0) {
    answer(peer, std::string(20000, 'x'));
  } else if (request.rfind("GET /hold", 0) == 0) {
    hold(peer);
  } else if (!request.empty()) {
    answer(peer, name + "\n");
  }
}

}  // namespace

RecordedServer::RecordedServer(const Netns& host, std::string name, const std::string& address)
    : name_(std::move(name)),
      http_(bound(host, address, 80, SOCK_STREAM)),
      udp_(bound(host, address, 53, SOCK_DGRAM)),
      stop_(eventfd(0, EFD_CLOEXEC)),
      http_thread_([this] { serve_http(); }),
      udp_thread_([this] { serve_udp(); }) {}

RecordedServer::~RecordedServer() {
  const std::uint64_t one = 1;
  EXPECT_EQ(write(stop_.get(), &one, sizeof one), ssize_t{sizeof one});
  http_thread_.join();
  udp_thread_.join();
}

void RecordedServer::fall_silent() const {
  sock_filter nothing{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &nothing};
  EXPECT_EQ(setsockopt(http_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program), 0);
}

void RecordedServer::serve_http() const {
  // One after the other is not enough: a client holds a connection while the next one comes.
  std::vector<std::thread> at_work;
  while (wait_for(http_, stop_)) {
    const int peer = accept4(http_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (peer >= 0) at_work.emplace_back([this, peer] { serve(UniqueFd(peer), name_); });
  }
  for (std::thread& one : at_work) one.join();
}

void RecordedServer::serve_udp() const {
  std::vector<char> datagram(65536);
  while (wait_for(udp_, stop_)) {
    SocketAddress from;
    from.length = sizeof from.storage;
    const ssize_t count =
        recvfrom(udp_.get(), datagram.data(), datagram.size(), 0, from.get(), &from.length);
    if (count >= 0)
      sendto(udp_.get(), datagram.data(), static_cast<std::size_t>(count), 0, from.get(),
             from.length);
  }
}

}  // namespace lvs::test
