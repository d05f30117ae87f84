#include "tests/lab/flows/client.h"

#include <gtest/gtest.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <netinet/in.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "net/linux/process.h"
#include "net/linux/socket_address.h"
#include "net/wire/addr_text.h"
#include "tests/lab/flows/flow.h"
#include "tests/support/reference_sums.h"

namespace lvs::test {
namespace {

using linux_net::socket_address;
using linux_net::SocketAddress;
using linux_net::UniqueFd;

constexpr timeval kPatience{10, 0};

std::string name_of_error(int number) {
  if (number == ECONNREFUSED) return "ECONNREFUSED";
  if (number == EMSGSIZE) return "EMSGSIZE";
  return "errno " + std::to_string(number);
}

template <typename Value>
void set(const UniqueFd& fd, int level, int option, const Value& value) {
  EXPECT_EQ(setsockopt(fd.get(), level, option, &value, sizeof value), 0) << strerror(errno);
}

}  // namespace

RecordedClient::RecordedClient(const Netns& host, std::string vip)
    : host_(host),
      vip_(std::move(vip)),
      own_(vip_.find(':') == std::string::npos ? kClient4 : kClient6) {}

UniqueFd RecordedClient::bound_socket(std::uint16_t client_port, int kind) const {
  const SocketAddress own = socket_address(*parse_ip(own_), Port{client_port});
  UniqueFd fd(socket(own.storage.ss_family, kind | SOCK_CLOEXEC, 0));
  set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  set(fd, SOL_SOCKET, SO_RCVTIMEO, kPatience);
  set(fd, SOL_SOCKET, SO_SNDTIMEO, kPatience);
  EXPECT_EQ(bind(fd.get(), own.get(), own.length), 0) << strerror(errno);
  return fd;
}

UniqueFd RecordedClient::connect_from(std::uint16_t client_port, std::uint16_t port,
                                      int* error) const {
  return host_.run([&] {
    UniqueFd fd = bound_socket(client_port, SOCK_STREAM);
    const SocketAddress vip = socket_address(*parse_ip(vip_), Port{port});
    const int status = connect(fd.get(), vip.get(), vip.length);
    if (error != nullptr) *error = status == 0 ? 0 : errno;
    return status == 0 ? std::move(fd) : UniqueFd();
  });
}

UniqueFd RecordedClient::begin_to_connect(std::uint16_t client_port, std::uint16_t port) const {
  return host_.run([&] {
    UniqueFd fd = bound_socket(client_port, SOCK_STREAM | SOCK_NONBLOCK);
    const SocketAddress vip = socket_address(*parse_ip(vip_), Port{port});
    EXPECT_NE(connect(fd.get(), vip.get(), vip.length), 0);
    EXPECT_EQ(errno, EINPROGRESS);
    return fd;
  });
}

std::string RecordedClient::ask(const UniqueFd& connection, const std::string& request,
                                std::size_t bytes) {
  send(connection.get(), request.data(), request.size(), MSG_NOSIGNAL);
  std::string answer;
  std::vector<char> chunk(65536);
  while (answer.size() < bytes) {
    const ssize_t count = recv(connection.get(), chunk.data(), chunk.size(), 0);
    if (count <= 0) break;
    answer.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return answer;
}

std::string RecordedClient::http(std::uint16_t client_port, std::uint16_t port,
                                 const std::string& request) const {
  int error = 0;
  const UniqueFd connection = connect_from(client_port, port, &error);
  if (!connection)
    return "error [Errno " + std::to_string(error) + "] " +
           (error == ECONNREFUSED ? "Connection refused" : name_of_error(error));
  return ask(connection, request);
}

void RecordedClient::reset(UniqueFd connection) {
  set(connection, SOL_SOCKET, SO_LINGER, linger{1, 0});
  const UniqueFd closed_here = std::move(connection);
}

Json RecordedClient::udp(std::uint16_t client_port, const Datagram& datagram) const {
  return host_.run([&] {
    const UniqueFd fd = bound_socket(client_port, SOCK_DGRAM);
    const bool v4 = own_ == kClient4;
    if (datagram.must_not_fragment && v4) set(fd, IPPROTO_IP, IP_MTU_DISCOVER, int{IP_PMTUDISC_DO});
    if (datagram.must_not_fragment && !v4)
      set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, int{IPV6_PMTUDISC_DO});
    if (datagram.ttl != 64)
      v4 ? set(fd, IPPROTO_IP, IP_TTL, datagram.ttl)
         : set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, datagram.ttl);
    const SocketAddress vip = socket_address(*parse_ip(vip_), Port{datagram.port});
    EXPECT_EQ(connect(fd.get(), vip.get(), vip.length), 0);
    Json result = Json::array();
    std::vector<char> echo(65536);
    ssize_t count = send(fd.get(), datagram.payload.data(), datagram.payload.size(), 0);
    if (count >= 0 && datagram.has_answer) count = recv(fd.get(), echo.data(), echo.size(), 0);
    result.push(count >= 0 ? Json(std::int64_t{count}) : Json(name_of_error(errno)));
    if (datagram.must_not_fragment) {
      int mtu = 0;
      socklen_t size = sizeof mtu;
      getsockopt(fd.get(), v4 ? int{IPPROTO_IP} : int{IPPROTO_IPV6}, v4 ? IP_MTU : IPV6_MTU, &mtu,
                 &size);
      result.push("IP_MTU " + std::to_string(mtu));
    }
    return result;
  });
}

void RecordedClient::forget_path_mtu() const {
  const bool v4 = own_ == kClient4;
  const auto done = linux_net::run_program(
      {.path = "ip", .args = {v4 ? "-4" : "-6", "route", "flush", "cache"}, .netns_fd = host_.fd()},
      std::chrono::seconds(10));
  EXPECT_TRUE(done && done->exit_code == 0);
}

bool RecordedClient::ping(std::uint16_t id, std::uint16_t number) const {
  return host_.run([&] {
    const SocketAddress vip = socket_address(*parse_ip(vip_), Port{0});
    const bool v4 = own_ == kClient4;
    const UniqueFd fd(socket(vip.storage.ss_family, SOCK_RAW | SOCK_CLOEXEC,
                             v4 ? int{IPPROTO_ICMP} : int{IPPROTO_ICMPV6}));
    set(fd, SOL_SOCKET, SO_RCVTIMEO, kPatience);
    Bytes echo(64);
    echo[0] = v4 ? ICMP_ECHO : ICMPV6_ECHO_REQUEST;
    echo[4] = static_cast<std::uint8_t>(id >> 8);
    echo[5] = static_cast<std::uint8_t>(id);
    echo[7] = static_cast<std::uint8_t>(number);
    const std::uint16_t sum = reference_checksum(echo);  // the kernel makes ICMPv6's itself
    echo[2] = static_cast<std::uint8_t>(sum >> 8);
    echo[3] = static_cast<std::uint8_t>(sum);
    EXPECT_EQ(sendto(fd.get(), echo.data(), echo.size(), 0, vip.get(), vip.length), 64);
    Bytes answer(256);
    while (true) {
      const ssize_t count = recv(fd.get(), answer.data(), answer.size(), 0);
      if (count < 0) return false;
      const std::size_t at = v4 ? 20 : 0;
      const unsigned reply = v4 ? ICMP_ECHOREPLY : ICMPV6_ECHO_REPLY;
      if (static_cast<std::size_t>(count) == at + 64 && answer[at] == reply &&
          answer[at + 7] == echo[7])
        return true;
    }
  });
}

}  // namespace lvs::test
