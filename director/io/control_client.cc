#include "director/io/control_client.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "director/io/control_server.h"
#include "net/linux/sys_error.h"

namespace lvs::director {
namespace {

using Clock = std::chrono::steady_clock;

Result<void> send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return linux_net::fail_errno("send to the director", errno);
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<void> wait_readable(int fd, Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  pollfd polled{fd, POLLIN, 0};
  const auto wait_ms = std::max<std::chrono::milliseconds::rep>(left.count(), 0);
  if (poll(&polled, 1, static_cast<int>(wait_ms)) > 0) return {};
  return linux_net::fail_errno("the director did not answer", ETIMEDOUT);
}

/// The words of a reply that says "error".
std::string error_text(const Json& reply) {
  const Json* const errors = reply.find("errors");
  const Json::Array* const list = errors == nullptr ? nullptr : errors->as_array();
  if (list == nullptr || list->empty()) return "the director refused without a reason";
  const Result<std::string> message = list->front().text_at("message");
  return message ? *message : "the director refused without a reason";
}

Result<Json> checked(const Json& reply) {
  LVS_TRY(const std::int64_t schema, reply.int_at("schema"));
  if (schema > kControlSchema)
    return fail("this program speaks schema " + std::to_string(kControlSchema) +
                ", the director answered with schema " + std::to_string(schema));
  LVS_TRY(const std::string result, reply.text_at("result"));
  if (result != "ok") return fail(error_text(reply));
  return reply;
}

}  // namespace

Result<ControlClient> ControlClient::connect(const std::filesystem::path& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& path = socket_path.native();
  if (path.size() >= sizeof address.sun_path)
    return fail("the path of the control socket is longer than a socket's may be: " + path);
  std::ranges::copy(path, std::begin(address.sun_path));
  linux_net::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return linux_net::fail_errno("open a socket", errno);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's own idiom
  const auto* const to = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(fd.get(), to, sizeof address) != 0)
    return linux_net::fail_errno("connect to " + path, errno);
  return ControlClient(std::move(fd));
}

Result<Json> ControlClient::ask(Json request, std::chrono::milliseconds patience) {
  const Clock::time_point deadline = Clock::now() + patience;
  request.set("schema", kControlSchema);
  LVS_CHECK(send_all(fd_.get(), to_text(request) + "\n"));
  LVS_TRY(const std::string line, read_line(deadline));
  LVS_TRY(const Json reply, parse_json(line));
  return checked(reply);
}

Result<std::string> ControlClient::read_line(Clock::time_point deadline) {
  std::size_t searched = 0;
  while (true) {
    if (const auto end = buffer_.find('\n', searched); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    searched = buffer_.size();
    if (searched > kMaxReplyBytes) return fail("the director's reply is too long");
    LVS_CHECK(read_more(deadline));
  }
}

Result<void> ControlClient::read_more(Clock::time_point deadline) {
  std::array<char, 65536> chunk{};
  LVS_CHECK(wait_readable(fd_.get(), deadline));
  const ssize_t count = recv(fd_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (count == 0) return fail("the director closed the connection");
  if (count > 0) {
    buffer_.append(chunk.data(), static_cast<std::size_t>(count));
  } else if (errno != EAGAIN && errno != EINTR) {
    return linux_net::fail_errno("read from the director");
  }
  return {};
}

}  // namespace lvs::director
