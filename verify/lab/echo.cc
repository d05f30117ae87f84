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

constexpr std::size_t kMostBytes = 65527;  // the largest UDP payload, that over IPv6
constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(in6_pktinfo));

/// A socket each for the families: one for both would see IPv4 as mapped addresses, and could not
/// say which IPv4 address an answer comes from.
struct FamilyOptions {
  Family family = Family::Ipv4;
  int domain = AF_INET;
  int level = IPPROTO_IP;
  int told_destination = IP_PKTINFO;
};
constexpr std::array kFamilies{
    FamilyOptions{Family::Ipv4, AF_INET, IPPROTO_IP, IP_PKTINFO},
    FamilyOptions{Family::Ipv6, AF_INET6, IPPROTO_IPV6, IPV6_RECVPKTINFO},
};

bool set_options(int socket, const FamilyOptions& options) {
  const int on = 1;
  if (options.family == Family::Ipv6 &&
      setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0)
    return false;
  return setsockopt(socket, options.level, options.told_destination, &on, sizeof on) == 0;
}

Result<linux_net::UniqueFd> open_port(Port port, const FamilyOptions& options) {
  linux_net::UniqueFd fd{socket(options.domain, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  const IpAddr any_address =
      options.family == Family::Ipv4 ? IpAddr{Ipv4Addr{}} : IpAddr{Ipv6Addr{}};
  const auto any = linux_net::socket_address(any_address, port);
  if (!fd || !set_options(fd.get(), options) || bind(fd.get(), any.get(), any.length) != 0) {
    const int number = errno;
    return fail("listen on UDP port " + std::to_string(port.number) + ": " +
                    std::generic_category().message(number),
                number);
  }
  return fd;
}

/// In place of what the kernel told of a datagram, what it is to do with the answer.
template <typename Info, typename Change>
void change_info(cmsghdr* control, Change change) {
  Info info{};
  std::memcpy(&info, CMSG_DATA(control), sizeof info);
  change(info);
  std::memcpy(CMSG_DATA(control), &info, sizeof info);
}

/// The address that the datagram was sent to, out of its control data; then the control data are
/// made those of the answer: its source, and no particular interface.
void turn_around(msghdr& message) {
  cmsghdr* const control = CMSG_FIRSTHDR(&message);
  if (control != nullptr && control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO)
    return change_info<in_pktinfo>(control, [](in_pktinfo& info) {
      info.ipi_ifindex = 0;
      info.ipi_spec_dst = info.ipi_addr;
    });
  if (control != nullptr && control->cmsg_level == IPPROTO_IPV6 &&
      control->cmsg_type == IPV6_PKTINFO)
    return change_info<in6_pktinfo>(control, [](in6_pktinfo& info) { info.ipi6_ifindex = 0; });
  message.msg_controllen = 0;
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
  if (name.size() > 255) return fail("the name is over 255 bytes", EINVAL);
  std::vector<linux_net::UniqueFd> sockets;
  std::vector<pollfd> waiting;
  for (const Port port : ports)
    for (const FamilyOptions& options : kFamilies) {
      auto opened = open_port(port, options);
      const bool has_no_ipv6 = !opened && opened.error().sys_errno == EAFNOSUPPORT;
      if (has_no_ipv6 && options.family == Family::Ipv6) continue;
      LVS_TRY(linux_net::UniqueFd fd, std::move(opened));
      waiting.push_back({.fd = fd.get(), .events = POLLIN, .revents = 0});
      sockets.push_back(std::move(fd));
    }
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
