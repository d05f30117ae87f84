#include "realserver/decap/receiver.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "net/linux/sys_error.h"
#include "net/wire/addr_text.h"

namespace lvs::realserver {
namespace {

using linux_net::fail_errno;
using linux_net::UniqueFd;
using profiles::DecapTarget;
using profiles::TunnelType;

constexpr int kReceiveBufferBytes = 8 * 1024 * 1024;  // a burst of a few thousand packets

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress address_of(const DecapTarget& target) {
  SocketAddress address;
  if (target.outer.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(target.port.number);
    in.sin_addr.s_addr = htonl(target.outer.v4().number());
    std::memcpy(&address.storage, &in, sizeof in);
    address.size = sizeof in;
  } else {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(target.port.number);
    std::memcpy(&in6.sin6_addr, target.outer.v6().octets().data(), sizeof in6.sin6_addr);
    std::memcpy(&address.storage, &in6, sizeof in6);
    address.size = sizeof in6;
  }
  return address;
}

/// An IPv6 address may be on the link and still be tentative: such a one can be bound only so.
Result<void> bind_to(int fd, const DecapTarget& target) {
  const int yes = 1;
  if (!target.outer.is_v4() && ::setsockopt(fd, SOL_IPV6, IPV6_FREEBIND, &yes, sizeof yes) != 0)
    return fail_errno("IPV6_FREEBIND");
  const SocketAddress address = address_of(target);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets interface
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0)
    return fail_errno("bind");
  return {};
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
  // The forced form needs CAP_NET_ADMIN; what the system allows otherwise is enough to work.
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBufferBytes, sizeof(int)) != 0 &&
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBufferBytes, sizeof(int)) != 0)
    return fail_errno(what + ": SO_RCVBUF");
  if (auto bound = bind_to(fd.get(), target); !bound)
    return fail_within(what, std::move(bound).error());
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

std::optional<wire::ConstBytes> Receiver::receive(std::span<std::uint8_t> buffer) const {
  const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) return std::nullopt;
  const wire::ConstBytes bytes = buffer.first(static_cast<std::size_t>(got));
  if (!with_ip_header_) return bytes;
  const std::size_t header = bytes.empty() ? 0 : std::size_t{4} * (bytes[0] & 0x0fu);
  return bytes.subspan(std::min(header, bytes.size()));
}

}  // namespace lvs::realserver
