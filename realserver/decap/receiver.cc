#include "realserver/decap/receiver.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/linux/socket_address.h"
#include "net/linux/sys_error.h"
#include "net/wire/addr_text.h"

namespace lvs::realserver {
namespace {

using linux_net::fail_errno;
using linux_net::UniqueFd;
using profiles::DecapTarget;
using profiles::TunnelType;

constexpr int kReceiveBufferBytes = 8 * 1024 * 1024;  // a burst of a few thousand packets
constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(int));

/// An IPv6 address may be on the link and still be tentative: such a one can be bound only so.
Result<void> bind_to(int fd, const DecapTarget& target) {
  const int yes = 1;
  if (!target.outer.is_v4() && ::setsockopt(fd, SOL_IPV6, IPV6_FREEBIND, &yes, sizeof yes) != 0)
    return fail_errno("IPV6_FREEBIND");
  const auto address = linux_net::socket_address(target.outer, target.port);
  if (::bind(fd, address.get(), address.length) != 0) return fail_errno("bind");
  return {};
}

Result<void> set_option(int fd, int level, int option, const std::string& name) {
  const int yes = 1;
  if (::setsockopt(fd, level, option, &yes, sizeof yes) != 0) return fail_errno(name);
  return {};
}

/// The forced form needs CAP_NET_ADMIN; what the system allows otherwise is enough to work.
Result<void> enlarge_buffer(int fd) {
  const int size = kReceiveBufferBytes;
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0 &&
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size) != 0)
    return fail_errno("SO_RCVBUF");
  return {};
}

/// With each packet the kernel says its outer TOS or traffic class. Over IPv6 a tunnel may leave
/// the outer UDP checksum out (RFC 6935), as IPVS does unless told otherwise.
Result<void> prepare(int fd, const DecapTarget& target, Protocol protocol) {
  LVS_CHECK(enlarge_buffer(fd));
  if (target.outer.is_v4()) {
    LVS_CHECK(set_option(fd, SOL_IP, IP_RECVTOS, "IP_RECVTOS"));
  } else {
    LVS_CHECK(set_option(fd, SOL_IPV6, IPV6_RECVTCLASS, "IPV6_RECVTCLASS"));
    if (protocol == Protocol::Udp)
      LVS_CHECK(set_option(fd, SOL_UDP, UDP_NO_CHECK6_RX, "UDP_NO_CHECK6_RX"));
  }
  return bind_to(fd, target);
}

/// IPv4 says it in one byte, IPv6 in an int.
wire::Ecn outer_ecn(msghdr& message) {
  for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
    int traffic_class = 0;
    if (one->cmsg_level == SOL_IP && one->cmsg_type == IP_TOS)
      traffic_class = *CMSG_DATA(one);
    else if (one->cmsg_level == SOL_IPV6 && one->cmsg_type == IPV6_TCLASS)
      std::memcpy(&traffic_class, CMSG_DATA(one), sizeof traffic_class);
    else
      continue;
    return static_cast<wire::Ecn>(static_cast<unsigned>(traffic_class) & 3u);
  }
  return wire::Ecn::NotCapable;
}

}  // namespace

Result<Receiver> Receiver::open_one(const DecapTarget& target, Protocol protocol) {
  const std::string what =
      "receive protocol " + to_string(protocol) + " for " + to_string(target.outer) +
      (target.type == TunnelType::Gue ? ":" + std::to_string(target.port.number) : "");
  const bool is_v4 = target.outer.is_v4();
  const int kind = protocol == Protocol::Udp ? SOCK_DGRAM : SOCK_RAW;
  UniqueFd fd(::socket(is_v4 ? AF_INET : AF_INET6, kind | SOCK_CLOEXEC | SOCK_NONBLOCK,
                       static_cast<int>(protocol)));
  if (!fd) return fail_errno(what);
  if (auto prepared = prepare(fd.get(), target, protocol); !prepared)
    return fail_within(what, std::move(prepared).error());
  const Family inner = protocol == Protocol::Ipv6 ? Family::Ipv6 : Family::Ipv4;
  return Receiver(std::move(fd), target.type, inner, is_v4 && kind == SOCK_RAW);
}

Result<std::vector<Receiver>> Receiver::open(const DecapTarget& target) {
  std::vector<Protocol> protocols{Protocol::IpIp, Protocol::Ipv6};
  if (target.type == TunnelType::Gre) protocols = {Protocol::Gre};
  if (target.type == TunnelType::Gue) protocols = {Protocol::Udp};
  std::vector<Receiver> receivers;
  for (const Protocol protocol : protocols) {
    LVS_TRY(Receiver receiver, open_one(target, protocol));
    receivers.push_back(std::move(receiver));
  }
  return receivers;
}

std::optional<Received> Receiver::receive(std::span<std::uint8_t> buffer) const {
  iovec into{buffer.data(), buffer.size()};
  alignas(cmsghdr) std::array<std::uint8_t, kControlBytes> control{};
  msghdr message{};
  message.msg_iov = &into;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(fd_.get(), &message, 0);
  if (got < 0) return std::nullopt;
  const wire::MutableBytes bytes = buffer.first(static_cast<std::size_t>(got));
  const wire::Ecn ecn = outer_ecn(message);
  if (!with_ip_header_) return Received{bytes, ecn};
  const std::size_t header = bytes.empty() ? 0 : std::size_t{4} * (bytes[0] & 0x0fu);
  return Received{bytes.subspan(std::min(header, bytes.size())), ecn};
}

}  // namespace lvs::realserver
