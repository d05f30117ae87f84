#include "realserver/decap/loopback_sender.h"

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>

#include "net/linux/packet_ring.h"
#include "net/linux/sys_error.h"

namespace lvs::realserver {
namespace {

using linux_net::fail_errno;

/// `lo` has the address zero, and so has the frame: it is for this host.
std::array<std::uint8_t, ETH_HLEN> ethernet_header(Family family) {
  std::array<std::uint8_t, ETH_HLEN> header{};
  const unsigned ethertype = family == Family::Ipv4 ? ETH_P_IP : ETH_P_IPV6;
  wire::store_be16(header, 2 * std::size_t{ETH_ALEN}, static_cast<std::uint16_t>(ethertype));
  return header;
}

/// A checksum that is finished goes without a word: the kernel verifies it and counts what is
/// wrong.
linux_net::VirtioHeader offload_header(const InnerPacket& packet) {
  linux_net::VirtioHeader header{};
  if (!packet.unfinished) return header;
  header.flags = linux_net::VirtioHeader::kNeedsChecksum;
  header.checksum_start = static_cast<std::uint16_t>(ETH_HLEN + packet.unfinished->start);
  header.checksum_offset = packet.unfinished->offset;
  return header;
}

}  // namespace

Result<LoopbackSender> LoopbackSender::open() {
  const std::string what = "open a packet socket on lo";
  const unsigned link = ::if_nametoindex("lo");
  if (link == 0) return fail_errno(what);
  // Protocol 0: it receives nothing, and the kernel reads the ethertype from each frame.
  linux_net::UniqueFd fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  const int yes = 1;
  if (!fd || ::setsockopt(fd.get(), SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) != 0)
    return fail_errno(what);
  return LoopbackSender(std::move(fd), link);
}

void LoopbackSender::send(const InnerPacket& packet) const {
  linux_net::VirtioHeader offload = offload_header(packet);
  std::array<std::uint8_t, ETH_HLEN> ethernet = ethernet_header(packet.family);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): sendmsg only reads
  auto* const bytes = const_cast<std::uint8_t*>(packet.bytes.data());
  std::array<iovec, 3> parts{{{&offload, sizeof offload},
                              {ethernet.data(), ethernet.size()},
                              {bytes, packet.bytes.size()}}};
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(link_);
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  static_cast<void>(::sendmsg(fd_.get(), &message, 0));
}

}  // namespace lvs::realserver
