#include "net/linux/reach.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "net/base/overload.h"
#include "net/linux/deadline.h"
#include "net/linux/fd.h"
#include "net/linux/packet_socket.h"
#include "net/linux/rtnetlink.h"
#include "net/linux/socket_address.h"
#include "net/linux/sys_error.h"
#include "net/wire/addr_text.h"
#include "net/wire/arp.h"
#include "net/wire/icmp.h"

namespace lvs::linux_net {
namespace {

using Clock = std::chrono::steady_clock;

int domain_of(const IpAddr& address) { return address.is_v4() ? AF_INET : AF_INET6; }

/// What one try has open.
struct Try {
  UniqueFd fd{};
  bool has_ip_header = false;  ///< what is received begins with the IPv4 header
  std::optional<PacketSocket> packets{};
  std::uint16_t id = 0;
  std::uint16_t sequence = 0;
  int pollable() const { return packets ? packets->fd() : fd.get(); }
};

// TCP: the connection comes about, or the socket has an error.

Result<void> begin(const TcpTarget& target, Try& attempt) {
  attempt.fd = UniqueFd(
      ::socket(domain_of(target.address), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!attempt.fd) return fail_errno("open a socket");
  const SocketAddress to = socket_address(target.address, target.port);
  if (::connect(attempt.fd.get(), to.get(), to.length) != 0 && errno != EINPROGRESS)
    return fail_errno("connect");
  return {};
}

Result<bool> look(const TcpTarget& /*target*/, Try& attempt) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(attempt.fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return fail_errno("connect", error);
  return true;
}

// Ping: a raw socket, or without CAP_NET_RAW the kernel's own ping socket (which most systems keep
// closed by net.ipv4.ping_group_range).

Result<void> open_ping(const IpAddr& address, Try& attempt) {
  const int domain = domain_of(address);
  const int protocol = address.is_v4() ? static_cast<int>(IPPROTO_ICMP) : IPPROTO_ICMPV6;
  constexpr int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
  attempt.fd = UniqueFd(::socket(domain, SOCK_RAW | flags, protocol));
  attempt.has_ip_header = attempt.fd && address.is_v4();
  if (!attempt.fd) attempt.fd = UniqueFd(::socket(domain, SOCK_DGRAM | flags, protocol));
  if (!attempt.fd) return fail_errno("open a socket for ICMP");
  const SocketAddress to = socket_address(address, Port{});
  if (::connect(attempt.fd.get(), to.get(), to.length) != 0) return fail_errno("find a way to it");
  return {};
}

Result<void> begin(const PingTarget& target, Try& attempt) {
  using namespace wire::icmp_field;
  LVS_CHECK(open_ping(target.address, attempt));
  std::array<std::uint8_t, kHeader> echo{};
  const bool v4 = target.address.is_v4();
  echo[kType] = v4 ? static_cast<std::uint8_t>(wire::IcmpType::Echo) : ICMP6_ECHO_REQUEST;
  wire::store_be16(echo, kEchoId, attempt.id);
  wire::store_be16(echo, kEchoSequence, attempt.sequence);
  // The kernel fills the checksum of ICMPv6 in, which covers the addresses.
  if (v4) wire::store_be16(echo, kChecksum, wire::checksum_of(echo));
  if (::send(attempt.fd.get(), echo.data(), echo.size(), 0) < 0) return fail_errno("send");
  return {};
}

/// The ICMP message in what was received; nullopt for a broken one.
std::optional<wire::ConstBytes> message_in(wire::ConstBytes received, bool has_ip_header) {
  if (!has_ip_header) return received;
  if (received.empty()) return std::nullopt;
  const std::size_t header = std::size_t{4} * (received[0] & 0x0f);
  if (received.size() < header) return std::nullopt;
  return received.subspan(header);
}

bool is_answer(wire::ConstBytes message, const Try& attempt, bool v4) {
  using namespace wire::icmp_field;
  if (message.size() < kHeader) return false;
  const std::uint8_t reply =
      v4 ? static_cast<std::uint8_t>(wire::IcmpType::EchoReply) : ICMP6_ECHO_REPLY;
  return message[kType] == reply && wire::load_be16(message, kEchoSequence) == attempt.sequence;
}

Result<bool> look(const PingTarget& target, Try& attempt) {
  while (true) {
    std::array<std::uint8_t, 1500> buffer{};
    const ssize_t got = ::recv(attempt.fd.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got < 0) return fail_errno("ping");
    const wire::ConstBytes received(buffer.data(), static_cast<std::size_t>(got));
    const auto message = message_in(received, attempt.has_ip_header);
    if (message && is_answer(*message, attempt, target.address.is_v4())) return true;
  }
}

// ARP: a question as the kernel would ask it, with our own address on that network.

struct Place {
  Link link;
  Ipv4Addr own{};
};

Result<Place> place_of(const IpAddr& wanted) {
  LVS_TRY(RouteSocket routes, RouteSocket::open());
  LVS_TRY(const std::vector<Address> addresses, routes.addresses());
  for (const Address& address : addresses) {
    if (address.prefix_len >= address.addr.bits()) continue;
    if (!Prefix{address.addr, address.prefix_len}.contains(wanted)) continue;
    LVS_TRY(const std::vector<Link> links, routes.links());
    for (const Link& link : links)
      if (link.index == address.link) return Place{link, address.addr.v4()};
  }
  return fail(to_string(wanted) + " is in no network of this host");
}

Result<void> begin(const NeighbourTarget& target, Try& attempt) {
  LVS_TRY(const Place place, place_of(target.address));
  constexpr std::uint16_t ethertype_arp = 0x0806;
  LVS_TRY(attempt.packets, PacketSocket::open(place.link.index, {.ethertype = ethertype_arp}));
  return attempt.packets->send(
      wire::make_arp_request(place.link.mac, place.own, target.address.v4()));
}

Result<bool> look(const NeighbourTarget& target, Try& attempt) {
  while (true) {
    LVS_TRY(const auto frame, attempt.packets->receive_until(Clock::now()));
    if (!frame) return false;
    if (frame->bytes.size() < wire::kEthernetHeader) continue;
    const wire::ConstBytes bytes{frame->bytes};
    const auto arp = wire::ConstArpView::parse(bytes.subspan(wire::kEthernetHeader));
    const bool answer = arp && arp->operation() == wire::ArpOperation::Reply &&
                        arp->sender_ip() == target.address.v4();
    if (answer) return true;
  }
}

/// One target on its way through its tries.
struct Asked {
  const ReachTarget& target;
  std::uint16_t id = 0;
  int tries = 0;  ///< begun
  Try attempt{};
  bool over = false;  ///< no answer can come to this try any more
  Clock::time_point deadline{};
  bool finished = false;
  Reached result{};
};

void end_try(Asked& asked, std::string why, const ReachOptions& options) {
  asked.attempt = {};
  asked.over = true;
  asked.result.why = std::move(why);
  if (asked.tries >= options.tries) asked.finished = true;
}

void begin_try(Asked& asked, const ReachOptions& options) {
  ++asked.tries;
  asked.over = false;
  asked.deadline = Clock::now() + options.patience;
  asked.attempt = {};
  asked.attempt.id = asked.id;
  asked.attempt.sequence = static_cast<std::uint16_t>(asked.tries);
  const Result<void> begun =
      std::visit([&](const auto& target) { return begin(target, asked.attempt); }, asked.target);
  if (!begun) end_try(asked, begun.error().what, options);
}

void hear(Asked& asked, const ReachOptions& options) {
  const Result<bool> answered =
      std::visit([&](const auto& target) { return look(target, asked.attempt); }, asked.target);
  if (!answered) return end_try(asked, answered.error().what, options);
  if (!*answered) return;
  asked.attempt = {};
  asked.finished = true;
  asked.result = {true, ""};
}

/// Ends what has waited long enough and begins what is due.
void go_on(Asked& asked, const ReachOptions& options) {
  if (asked.finished || Clock::now() < asked.deadline) return;
  if (!asked.over && asked.tries > 0) end_try(asked, "no answer", options);
  if (!asked.finished) begin_try(asked, options);
}

/// Waits for an answer to any, or for the first deadline.
void wait_and_hear(std::vector<Asked>& all, const ReachOptions& options) {
  std::vector<pollfd> sockets;
  sockets.reserve(all.size());
  Clock::time_point first = Clock::time_point::max();
  for (const Asked& asked : all) {
    const bool connects = std::holds_alternative<TcpTarget>(asked.target);
    sockets.push_back({asked.finished || asked.over ? -1 : asked.attempt.pollable(),
                       static_cast<short>(connects ? POLLOUT : POLLIN), 0});
    if (!asked.finished) first = std::min(first, asked.deadline);
  }
  if (first == Clock::time_point::max()) return;
  const timespec left = time_left(first);
  if (::ppoll(sockets.data(), sockets.size(), &left, nullptr) <= 0) return;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (sockets[i].revents != 0) hear(all[i], options);
}

}  // namespace

std::vector<Reached> reach(const std::vector<ReachTarget>& targets, const ReachOptions& options) {
  std::vector<Asked> all;
  for (std::size_t i = 0; i < targets.size(); ++i)
    all.push_back({.target = targets[i], .id = static_cast<std::uint16_t>(::getpid() + int(i))});
  const auto unfinished = [](const Asked& asked) { return !asked.finished; };
  while (std::any_of(all.begin(), all.end(), unfinished)) {
    for (Asked& asked : all) go_on(asked, options);
    wait_and_hear(all, options);
  }
  std::vector<Reached> results;
  results.reserve(all.size());
  for (Asked& asked : all) results.push_back(std::move(asked.result));
  return results;
}

}  // namespace lvs::linux_net
