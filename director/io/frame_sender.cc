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

bool is_super_frame(const Outgoing& frame) {
  linux_net::VirtioHeader header;
  std::memcpy(&header, frame.with_header.data(), sizeof header);
  return header.gso_type != linux_net::VirtioHeader::kGsoNone;
}

Result<linux_net::UniqueFd> make_socket(bool past_the_queue) {
  // Protocol 0: it receives nothing, and the kernel reads the ethertype from each frame.
  linux_net::UniqueFd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  if (!fd) return linux_net::fail_errno("open a packet socket");
  const int yes = 1;
  if (setsockopt(fd.get(), SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) != 0)
    return linux_net::fail_errno("packet sender: PACKET_VNET_HDR");
  if (past_the_queue &&
      setsockopt(fd.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) != 0)
    return linux_net::fail_errno("packet sender: PACKET_QDISC_BYPASS");
  // The forced form needs CAP_NET_ADMIN; what the system allows otherwise is enough to work.
  if (setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kSendBufferBytes, sizeof(int)) != 0 &&
      setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &kSendBufferBytes, sizeof(int)) != 0)
    return linux_net::fail_errno("packet sender: SO_SNDBUF");
  return fd;
}

/// What one frame is sent with; the message refers to this.
struct Envelope {
  sockaddr_ll link{};
  iovec range{};

  void address(const Outgoing& frame, msghdr& message) {
    link.sll_family = AF_PACKET;
    link.sll_ifindex = static_cast<int>(frame.link.number);
    const auto& bytes = frame.with_header;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): sending only reads
    range = {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    message.msg_name = &link;
    message.msg_namelen = sizeof link;
    message.msg_iov = &range;
    message.msg_iovlen = 1;
  }
};

}  // namespace

Result<FrameSender> FrameSender::open() {
  LVS_TRY(linux_net::UniqueFd fd, make_socket(true));
  LVS_TRY(linux_net::UniqueFd by_queue, make_socket(false));
  return FrameSender(std::move(fd), std::move(by_queue));
}

void FrameSender::send(std::span<Outgoing> frames) {
  int attempts_left = kRoomAttempts;
  while (!frames.empty()) {
    const std::size_t sent = send_some(frames);
    if (sent > 0) {
      frames = frames.subspan(sent);
      attempts_left = kRoomAttempts;
    } else if (no_room(errno) && is_super_frame(frames.front()) && send_by_queue(frames.front())) {
      frames = frames.subspan(1);
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
  std::array<Envelope, kBatch> envelopes{};
  const std::size_t count = std::min(frames.size(), kBatch);
  for (std::size_t i = 0; i < count; ++i) envelopes[i].address(frames[i], messages[i].msg_hdr);
  const int sent = sendmmsg(fd_.get(), messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
  for (int i = 0; i < sent; ++i) frames[static_cast<std::size_t>(i)].sent = true;
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

/// A frame that goes past the queue must fit the NIC as it is: the kernel drops one that it would
/// have to cut first (__dev_direct_xmit) and says ENOBUFS. On the way by the queue it cuts it.
bool FrameSender::send_by_queue(Outgoing& frame) {
  const int why = errno;
  msghdr message{};
  Envelope envelope;
  envelope.address(frame, message);
  frame.sent = sendmsg(by_queue_.get(), &message, MSG_DONTWAIT) >= 0;
  errno = why;
  return frame.sent;
}

void FrameSender::wait_for_room() const {
  pollfd room{fd_.get(), POLLOUT, 0};
  poll(&room, 1, kRoomWaitMs);
}

}  // namespace lvs::director
