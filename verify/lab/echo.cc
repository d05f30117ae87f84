#include "verify/lab/echo.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "net/linux/fd.h"
#include "net/linux/socket_address.h"

namespace lvs::verify {
namespace {

constexpr std::size_t kMostBytes = 65507;  // the largest UDP payload over IPv4
constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(in_pktinfo));

Result<linux_net::UniqueFd> open_port(Port port) {
  linux_net::UniqueFd fd{socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  const auto any = linux_net::socket_address(Ipv4Addr{}, port);
  if (!fd || setsockopt(fd.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0 ||
      bind(fd.get(), any.get(), any.length) != 0) {
    const int number = errno;
    return fail("listen on UDP port " + std::to_string(port.number) + ": " +
                    std::generic_category().message(number),
                number);
  }
  return fd;
}

/// The address that the datagram was sent to, out of its control data; then the control data are
/// made those of the answer: its source, and no particular interface.
void turn_around(msghdr& message) {
  cmsghdr* control = CMSG_FIRSTHDR(&message);
  if (control == nullptr || control->cmsg_type != IP_PKTINFO) {
    message.msg_controllen = 0;
    return;
  }
  in_pktinfo info{};
  std::memcpy(&info, CMSG_DATA(control), sizeof info);
  info.ipi_ifindex = 0;
  info.ipi_spec_dst = info.ipi_addr;
  std::memcpy(CMSG_DATA(control), &info, sizeof info);
}

void answer_one(int socket, const std::string& prefix, std::vector<char>& buffer) {
  std::memcpy(buffer.data(), prefix.data(), prefix.size());
  sockaddr_storage client{};
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  iovec part{.iov_base = buffer.data() + prefix.size(), .iov_len = kMostBytes - prefix.size()};
  msghdr message{};
  message.msg_name = &client;
  message.msg_namelen = sizeof client;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t length = recvmsg(socket, &message, 0);
  if (length < 0) return;
  turn_around(message);
  part = {.iov_base = buffer.data(), .iov_len = prefix.size() + static_cast<std::size_t>(length)};
  sendmsg(socket, &message, 0);  // lost like any datagram when it cannot be sent
}

}  // namespace

Result<void> run_echo(const std::string& name, const std::vector<Port>& ports) {
  std::vector<linux_net::UniqueFd> sockets;
  std::vector<pollfd> waiting;
  for (const Port port : ports) {
    LVS_TRY(linux_net::UniqueFd fd, open_port(port));
    waiting.push_back({.fd = fd.get(), .events = POLLIN, .revents = 0});
    sockets.push_back(std::move(fd));
  }
  if (name.size() > 255) return fail("the name is over 255 bytes", EINVAL);
  std::vector<char> buffer(kMostBytes);
  const std::string prefix = name + " ";
  while (true) {
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR)
      return fail("poll: " + std::generic_category().message(errno), errno);
    for (const pollfd& each : waiting)
      if ((each.revents & POLLIN) != 0) answer_one(each.fd, prefix, buffer);
  }
}

}  // namespace lvs::verify
