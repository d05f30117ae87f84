#include "director/io/frame_sender.h"

#include <linux/if_packet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "net/linux/sys_error.h"

namespace lvs::director {
namespace {

constexpr std::size_t kBatch = 64;
constexpr int kRoomAttempts = 3;
constexpr int kRoomWaitMs = 1;
constexpr int kSendBufferBytes = 16 * 1024 * 1024;  // a batch of super-frames is 4 MiB

bool no_room(int error) { return error == ENOBUFS || error == EAGAIN; }

}  // namespace

Result<FrameSender> FrameSender::open() {
  // Protocol 0: it receives nothing, and the kernel reads the ethertype from each frame.
  linux_net::UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd) return linux_net::fail_errno("open a packet socket");
  const int yes = 1;
  if (setsockopt(fd.get(), SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) != 0)
    return linux_net::fail_errno("packet sender: PACKET_VNET_HDR");
  if (setsockopt(fd.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) != 0)
    return linux_net::fail_errno("packet sender: PACKET_QDISC_BYPASS");
  // The forced form needs CAP_NET_ADMIN; what the system allows otherwise is enough to work.
  if (setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kSendBufferBytes, sizeof(int)) != 0 &&
      setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof(int)) != 0)
    return linux_net::fail_errno("packet sender: SO_SNDBUF");
  return FrameSender(std::move(fd));
}

void FrameSender::send(std::span<Outgoing> frames) {
  int attempts_left = kRoomAttempts;
  while (!frames.empty()) {
    const std::size_t sent = send_some(frames);
    if (sent > 0) {
      frames = frames.subspan(sent);
      attempts_left = kRoomAttempts;
    } else if (no_room(errno) && attempts_left > 0) {
      --attempts_left;
      wait_for_room();
    } else {
      // sendmmsg stops at the frame that failed. A link without room now has none for the next
      // frame either, but another link may have: go on, without waiting again.
      frames = frames.subspan(1);
    }
  }
}

std::size_t FrameSender::send_some(std::span<Outgoing> frames) {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> ranges{};
  std::array<sockaddr_ll, kBatch> links{};
  const std::size_t count = std::min(frames.size(), kBatch);
  for (std::size_t i = 0; i < count; ++i) {
    links[i].sll_family = AF_PACKET;
    links[i].sll_ifindex = static_cast<int>(frames[i].link.number);
    const auto& bytes = frames[i].with_header;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): sendmmsg only reads
    ranges[i] = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    messages[i].msg_hdr.msg_name = &links[i];
    messages[i].msg_hdr.msg_namelen = sizeof links[i];
    messages[i].msg_hdr.msg_iov = &ranges[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  const int sent = sendmmsg(fd_.get(), messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
  for (int i = 0; i < sent; ++i) frames[static_cast<std::size_t>(i)].sent = true;
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

void FrameSender::wait_for_room() const {
  pollfd room{fd_.get(), POLLOUT, 0};
  poll(&room, 1, kRoomWaitMs);
}

}  // namespace lvs::director
