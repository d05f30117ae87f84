#include "net/linux/netlink.h"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net/linux/attributes.h"
#include "net/linux/netlink_message.h"
#include "net/linux/sys_error.h"

// The kernel answers a netlink request inside sendmsg(): when that has returned, every answer waits
// in the socket's queue. So a missing acknowledgement is an error here and never a reason to wait.

namespace lvs::linux_net {
namespace {

/// The kernel never sends a larger datagram of a dump, however large the buffer that it is offered.
constexpr std::size_t kReceiveBytes = std::size_t{64} * 1024;
/// For notifications: a burst (an interface with thousands of routes goes down) must fit.
constexpr int kNotificationBytes = 8 * 1024 * 1024;
/// Restarts of one interrupted dump, before we say that the host changes too fast to be read.
constexpr int kMaxDumpAttempts = 64;

/// An older kernel without the option answers less precisely; that is no error.
void set_option(mnl_socket* socket, int option) {
  int on = 1;
  mnl_socket_setsockopt(socket, option, &on, sizeof on);
}

/// Over the limit of net.core.[rw]mem_max where we may, else up to it.
void enlarge(int fd, int forced, int limited, int size_bytes) {
  if (::setsockopt(fd, SOL_SOCKET, forced, &size_bytes, sizeof size_bytes) != 0)
    ::setsockopt(fd, SOL_SOCKET, limited, &size_bytes, sizeof size_bytes);
}

Result<void> join(mnl_socket* socket, unsigned group) {
  if (mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
    return fail_errno("join netlink group " + std::to_string(group));
  return {};
}

Result<void> as_result(const KernelAnswer& answer) {
  if (answer.error != 0) return fail(describe(answer), answer.error);
  return {};
}

/// Gives the replies of one datagram to `on_reply`; the answer that ends them, when it is there.
std::optional<KernelAnswer> read_answer(std::span<const std::uint8_t> datagram,
                                        std::uint32_t sequence,
                                        const NetlinkSocket::OnMessage& on_reply) {
  MessageReader messages(datagram);
  while (const nlmsghdr* message = messages.next()) {
    if (message->nlmsg_seq != sequence) continue;
    if (message->nlmsg_type == NLMSG_ERROR) return parse_error(*message);
    if (message->nlmsg_type == NLMSG_DONE) return parse_done(*message);
    if (on_reply) on_reply(*message);
  }
  return std::nullopt;
}

/// What the kernel said about the messages of one batch.
struct BatchAnswers {
  std::uint32_t first_sequence = 0;
  std::uint32_t last_sequence = 0;
  const NetlinkSocket::NameOfMessage& name_of;
  std::optional<Error> refusal{};  ///< the first
  bool acknowledged = false;

  void take(const nlmsghdr& message) {
    const std::uint32_t sequence = message.nlmsg_seq;
    if (message.nlmsg_type != NLMSG_ERROR) return;
    if (sequence < first_sequence || sequence > last_sequence) return;
    const KernelAnswer answer = parse_error(message);
    if (answer.error == 0) acknowledged = true;
    if (answer.error == 0 || refusal) return;
    const std::string name = name_of ? name_of(sequence) : "message " + std::to_string(sequence);
    refusal = Error{name + ": " + describe(answer), answer.error};
  }
};

}  // namespace

NetlinkSocket::NetlinkSocket(mnl_socket* socket) : socket_(socket), buffer_(kReceiveBytes) {}

Result<NetlinkSocket> NetlinkSocket::open(int bus, std::span<const unsigned> groups) {
  mnl_socket* raw = mnl_socket_open2(bus, SOCK_CLOEXEC);
  if (raw == nullptr) return fail_errno("open a netlink socket");
  NetlinkSocket socket(raw);
  if (mnl_socket_bind(raw, 0, MNL_SOCKET_AUTOPID) != 0) return fail_errno("bind a netlink socket");

  set_option(raw, NETLINK_EXT_ACK);
  set_option(raw, NETLINK_CAP_ACK);
  set_option(raw, NETLINK_GET_STRICT_CHK);
  if (!groups.empty()) enlarge(socket.fd(), SO_RCVBUFFORCE, SO_RCVBUF, kNotificationBytes);
  for (const unsigned group : groups) LVS_CHECK(join(raw, group));
  return socket;
}

int NetlinkSocket::fd() const { return mnl_socket_get_fd(socket_.get()); }

Result<void> NetlinkSocket::send(Request& request) {
  if (!request.complete())
    return fail("the request is longer than a netlink message may be here", EMSGSIZE);
  request.header()->nlmsg_seq = ++sequence_;
  const std::span<const std::uint8_t> bytes = request.bytes();
  if (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0)
    return fail(errno_text(errno), errno);
  return {};
}

Result<std::optional<std::span<const std::uint8_t>>> NetlinkSocket::receive(int flags) {
  using Received = std::optional<std::span<const std::uint8_t>>;
  while (true) {
    sockaddr_nl sender{};
    iovec part{buffer_.data(), buffer_.size()};
    msghdr message{};
    message.msg_name = &sender;
    message.msg_namelen = sizeof sender;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    const ssize_t got = ::recvmsg(fd(), &message, flags);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return Received{};
    if (got < 0) return fail(errno_text(errno), errno);
    if (sender.nl_pid != 0) continue;  // any process may send to us; only the kernel is believed
    if ((message.msg_flags & MSG_TRUNC) != 0)
      return fail("a netlink message is longer than our buffer", ENOSPC);
    return Received{std::span<const std::uint8_t>(buffer_).first(static_cast<std::size_t>(got))};
  }
}

Result<void> NetlinkSocket::transact(Request& request, const OnMessage& on_reply) {
  request.header()->nlmsg_flags |= NLM_F_ACK;
  LVS_CHECK(send(request));
  std::optional<KernelAnswer> answer;
  while (!answer) {
    LVS_TRY(const auto bytes, receive(MSG_DONTWAIT));
    if (!bytes) return fail("the kernel did not acknowledge the request", EPROTO);
    answer = read_answer(*bytes, sequence_, on_reply);
  }
  return as_result(*answer);
}

Result<void> NetlinkSocket::dump(Request& request, const std::function<void()>& on_start,
                                 const OnMessage& on_message) {
  request.header()->nlmsg_flags |= NLM_F_DUMP;
  for (int attempt = 0; attempt < kMaxDumpAttempts; ++attempt) {
    if (on_start) on_start();
    LVS_CHECK(send(request));
    LVS_TRY(const DumpEnd end, read_dump(on_message));
    if (end == DumpEnd::Complete) return {};
  }
  return fail("what was to be read kept changing while it was read", EINTR);
}

/// Reads to the end even when the dump is known to be of no use: its rest would be taken for the
/// answer to the next request.
Result<NetlinkSocket::DumpEnd> NetlinkSocket::read_dump(const OnMessage& on_message) {
  bool interrupted = false;
  const auto take = [&](const nlmsghdr& message) {
    interrupted = interrupted || (message.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
    if (!interrupted) on_message(message);
  };
  std::optional<KernelAnswer> answer;
  while (!answer) {
    LVS_TRY(const auto bytes, receive(0));
    answer = read_answer(*bytes, sequence_, take);
  }
  LVS_CHECK(as_result(*answer));
  return interrupted || answer->interrupted ? DumpEnd::Interrupted : DumpEnd::Complete;
}

Result<bool> NetlinkSocket::pending(const OnMessage& on_message) {
  bool all = true;
  while (true) {
    const auto bytes = receive(MSG_DONTWAIT);
    if (!bytes && bytes.error().sys_errno == ENOBUFS) {
      all = false;
      continue;
    }
    if (!bytes) return tl::unexpected(bytes.error());
    if (!*bytes) return all;
    MessageReader messages(**bytes);
    while (const nlmsghdr* message = messages.next())
      if (message->nlmsg_type >= NLMSG_MIN_TYPE) on_message(*message);
  }
}

Result<void> NetlinkSocket::transact_batch(std::span<const std::uint8_t> bytes,
                                           std::uint32_t first_sequence,
                                           std::uint32_t last_sequence,
                                           const NameOfMessage& name_of) {
  // A datagram must fit into the send buffer, a refused batch's errors into the other one.
  enlarge(fd(), SO_SNDBUFFORCE, SO_SNDBUF, static_cast<int>(bytes.size() + kReceiveBytes));
  enlarge(fd(), SO_RCVBUFFORCE, SO_RCVBUF, kNotificationBytes);
  if (mnl_socket_sendto(socket_.get(), bytes.data(), bytes.size()) < 0)
    return fail(errno_text(errno), errno);

  BatchAnswers answers{first_sequence, last_sequence, name_of};
  while (true) {
    LVS_TRY(const auto received, receive(MSG_DONTWAIT));
    if (!received) break;
    MessageReader messages(*received);
    while (const nlmsghdr* message = messages.next()) answers.take(*message);
  }
  if (answers.refusal) return tl::unexpected(*std::move(answers.refusal));
  if (!answers.acknowledged) return fail("the kernel did not acknowledge the batch", EPROTO);
  return {};
}

}  // namespace lvs::linux_net
