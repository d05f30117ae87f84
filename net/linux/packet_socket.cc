#include "net/linux/packet_socket.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/linux/deadline.h"
#include "net/linux/socket_filter.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

sockaddr_ll address_on(LinkIndex link, std::uint16_t ethertype) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(link.number);
  address.sll_protocol = htons(ethertype);
  return address;
}

Result<void> set_option(int fd, int level, int option, const void* value, std::size_t size) {
  if (::setsockopt(fd, level, option, value, static_cast<socklen_t>(size)) != 0)
    return fail_errno("set up a packet socket");
  return {};
}

Result<void> configure(int fd, const PacketSocket::Options& options) {
  if (!options.filter.empty()) LVS_CHECK(attach_filter(fd, options.filter));
  const int on = 1;
  LVS_CHECK(set_option(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on));
  if (options.ignore_outgoing)
    LVS_CHECK(set_option(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on));
  return {};
}

/// The tag that the kernel has taken out of the frame and tells beside it.
struct VlanTag {
  std::uint16_t protocol = 0;
  std::uint16_t control = 0;
};

std::optional<VlanTag> vlan_tag_of(msghdr& message) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_PACKET || part->cmsg_type != PACKET_AUXDATA) continue;
    tpacket_auxdata about{};
    std::memcpy(&about, CMSG_DATA(part), sizeof about);
    if ((about.tp_status & TP_STATUS_VLAN_VALID) == 0) return std::nullopt;
    constexpr std::uint16_t customer_tag = 0x8100;
    const bool told = (about.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    return VlanTag{told ? about.tp_vlan_tpid : customer_tag, about.tp_vlan_tci};
  }
  return std::nullopt;
}

void put_back(const VlanTag& tag, std::vector<std::uint8_t>& frame) {
  constexpr std::ptrdiff_t after_addresses = 12;
  if (std::ssize(frame) < after_addresses) return;
  const std::array<std::uint8_t, 4> bytes{
      static_cast<std::uint8_t>(tag.protocol >> 8), static_cast<std::uint8_t>(tag.protocol),
      static_cast<std::uint8_t>(tag.control >> 8), static_cast<std::uint8_t>(tag.control)};
  frame.insert(frame.begin() + after_addresses, bytes.begin(), bytes.end());
}

/// The next frame that is there; nullopt when there is none. Never cut: its length is asked first.
Result<std::optional<ReceivedFrame>> take_frame(int fd) {
  std::uint8_t nothing = 0;
  const ssize_t length = ::recv(fd, &nothing, sizeof nothing, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
  if (length < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (length < 0) return fail_errno("receive a frame");

  ReceivedFrame frame;
  frame.bytes.resize(static_cast<std::size_t>(length));
  sockaddr_ll from{};
  iovec part{frame.bytes.data(), frame.bytes.size()};
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(tpacket_auxdata))> control{};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(fd, &message, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  if (got < 0) return fail_errno("receive a frame");
  frame.bytes.resize(static_cast<std::size_t>(got));
  frame.packet_type = from.sll_pkttype;
  if (const auto tag = vlan_tag_of(message)) put_back(*tag, frame.bytes);
  return frame;
}

}  // namespace

Result<PacketSocket> PacketSocket::open(LinkIndex link, const Options& options) {
  // Protocol 0 receives nothing: no frame comes before the filter is set and the link chosen.
  UniqueFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("open a packet socket");
  LVS_CHECK(configure(fd.get(), options));
  const sockaddr_ll address = address_on(link, options.ethertype);
  const void* generic = &address;
  if (::bind(fd.get(), static_cast<const sockaddr*>(generic), sizeof address) != 0)
    return fail_errno("bind a packet socket to link " + std::to_string(link.number));
  return PacketSocket(std::move(fd));
}

Result<std::optional<ReceivedFrame>> PacketSocket::receive_until(
    std::chrono::steady_clock::time_point deadline) {
  while (true) {
    auto frame = take_frame(fd_.get());
    if (!frame || *frame) return frame;
    pollfd readable{fd_.get(), POLLIN, 0};
    const timespec left = time_left(deadline);
    const int ready = ::ppoll(&readable, 1, &left, nullptr);
    if (ready == 0) return std::nullopt;
    if (ready < 0 && errno != EINTR) return fail_errno("wait for a frame");
  }
}

Result<void> PacketSocket::send(std::span<const std::uint8_t> frame) {
  const ssize_t sent = ::send(fd_.get(), frame.data(), frame.size(), 0);
  if (sent < 0) return fail_errno("send a frame of " + std::to_string(frame.size()) + " bytes");
  return {};
}

}  // namespace lvs::linux_net
