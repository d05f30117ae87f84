#include "verify/io/udp_probe.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "net/linux/fd.h"
#include "net/linux/socket_address.h"
#include "verify/io/local_endpoint.h"

namespace lvs::verify {
namespace {

constexpr std::size_t kMostAnswerBytes = 2048;
/// Sockets held at once while a port is looked for.
constexpr std::size_t kMostTries = 256;

std::string reason(const char* step) {
  return std::string{step} + ": " + std::generic_category().message(errno);
}

/// Opens, binds and connects; the failure in words, or empty.
std::string open_socket(const UdpQuestion& question, linux_net::UniqueFd& fd) {
  fd = linux_net::UniqueFd{
      socket(question.to.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!fd) return reason("socket");
  if (question.from) {
    const auto from = linux_net::socket_address(*question.from, Port{});
    if (bind(fd.get(), from.get(), from.length) != 0) return reason("bind");
  }
  const auto to = linux_net::socket_address(question.to, question.port);
  if (connect(fd.get(), to.get(), to.length) != 0) return reason("connect");
  return {};
}

/// A socket on a port that was not used before. Those in the way are held until there is one.
std::string open_unused(const UdpQuestion& question, linux_net::UniqueFd& fd) {
  std::vector<linux_net::UniqueFd> in_the_way;
  while (in_the_way.size() < kMostTries) {
    std::string failure = open_socket(question, fd);
    if (!failure.empty()) return failure;
    if (!question.used.contains(local_endpoint(fd.get()).port.number)) return {};
    in_the_way.push_back(std::move(fd));
  }
  return "no local port is left that was not used before";
}

}  // namespace

UdpAnswer ask_udp(const UdpQuestion& question) {
  UdpAnswer answer;
  linux_net::UniqueFd fd;
  answer.failure = open_unused(question, fd);
  if (!answer.failure.empty()) return answer;
  answer.local = local_endpoint(fd.get());
  if (send(fd.get(), question.text.data(), question.text.size(), 0) < 0) {
    answer.failure = reason("send");
    return answer;
  }
  pollfd waiting{.fd = fd.get(), .events = POLLIN, .revents = 0};
  if (poll(&waiting, 1, static_cast<int>(question.deadline.count())) == 0) {
    answer.failure = "no answer before the deadline";
    return answer;
  }
  std::array<char, kMostAnswerBytes> buffer{};
  const ssize_t length = recv(fd.get(), buffer.data(), buffer.size(), 0);
  if (length < 0) {
    answer.failure = reason("receive");
    return answer;
  }
  answer.text.assign(buffer.data(), static_cast<std::size_t>(length));
  return answer;
}

}  // namespace lvs::verify
