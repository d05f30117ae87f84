#include "verify/io/greeting.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "net/linux/fd.h"
#include "net/linux/socket_address.h"
#include "verify/io/local_endpoint.h"

namespace lvs::verify {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostBytes = 512;

std::string reason(const char* step, int number) {
  return std::string{step} + ": " + std::generic_category().message(number);
}

/// False when nothing happened before the deadline.
bool wait_for(int fd, short events, Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd waiting{.fd = fd, .events = events, .revents = 0};
  return poll(&waiting, 1, static_cast<int>(std::max<long>(left, 0))) == 1;
}

/// Bound and connected, without waiting; the failure in words, or empty.
std::string begin(const GreetingQuestion& question, linux_net::UniqueFd& fd, Endpoint& local) {
  fd = linux_net::UniqueFd{socket(question.to.is_v4() ? AF_INET : AF_INET6,
                                  SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!fd) return reason("socket", errno);
  if (question.from) {
    const auto from = linux_net::socket_address(*question.from, Port{});
    if (bind(fd.get(), from.get(), from.length) != 0) return reason("bind", errno);
  }
  const auto to = linux_net::socket_address(question.to, question.port);
  const bool begun = connect(fd.get(), to.get(), to.length) == 0 || errno == EINPROGRESS;
  const int number = errno;
  local = local_endpoint(fd.get());
  return begun ? "" : reason("connect", number);
}

std::string finish_connecting(int fd, Clock::time_point deadline) {
  if (!wait_for(fd, POLLOUT, deadline)) return "connect: no answer before the deadline";
  int number = 0;
  socklen_t length = sizeof number;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &length);
  return number == 0 ? "" : reason("connect", number);
}

std::string read_line(int fd, Clock::time_point deadline, std::string& line) {
  while (line.find('\n') == std::string::npos && line.size() < kMostBytes) {
    if (!wait_for(fd, POLLIN, deadline)) return "read: no answer before the deadline";
    std::array<char, kMostBytes> buffer{};
    const ssize_t length = read(fd, buffer.data(), buffer.size());
    if (length < 0) return reason("read", errno);
    if (length == 0) return "read: the connection ended without a line";
    line.append(buffer.data(), static_cast<std::size_t>(length));
  }
  line.erase(std::min(line.find_first_of("\r\n"), line.size()));
  return {};
}

}  // namespace

GreetingAnswer read_greeting(const GreetingQuestion& question) {
  const auto deadline = Clock::now() + question.deadline;
  GreetingAnswer answer;
  linux_net::UniqueFd fd;
  answer.failure = begin(question, fd, answer.local);
  if (answer.failure.empty()) answer.failure = finish_connecting(fd.get(), deadline);
  if (answer.failure.empty()) answer.failure = read_line(fd.get(), deadline, answer.line);
  return answer;
}

}  // namespace lvs::verify
