#pragma once

#include <libmnl/libmnl.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "net/base/result.h"
#include "net/wire/addr.h"

namespace lvs::linux_net {

/// One netlink request, built in place. Building makes no system call, so a unit test compares
/// bytes(); NetlinkSocket::transact() is the only code that needs a kernel.
class Request {
 public:
  Request(std::uint16_t type, std::uint16_t flags);
  Request(const Request&) = delete;  // header_ points into buffer_
  Request& operator=(const Request&) = delete;
  Request(Request&&) = delete;
  Request& operator=(Request&&) = delete;
  ~Request() = default;

  /// The fixed struct that follows nlmsghdr, for example ifaddrmsg. Call once, before attr().
  template <typename FixedPart>
  FixedPart& fixed() {
    static_assert(std::is_trivially_copyable_v<FixedPart>);
    return *static_cast<FixedPart*>(mnl_nlmsg_put_extra_header(header_, sizeof(FixedPart)));
  }

  Request& attr(std::uint16_t type, std::uint8_t value) { return put(type, &value, sizeof value); }
  Request& attr(std::uint16_t type, std::uint16_t value) { return put(type, &value, sizeof value); }
  Request& attr(std::uint16_t type, std::uint32_t value) { return put(type, &value, sizeof value); }
  /// The text and a NUL behind it.
  Request& attr(std::uint16_t type, std::string_view text);
  Request& attr(std::uint16_t type, const IpAddr& addr);
  Request& attr(std::uint16_t type, const MacAddr& mac);
  Request& attr(std::uint16_t type, std::span<const std::uint8_t> bytes) {
    return put(type, bytes.data(), bytes.size());
  }
  /// Opens a nested attribute; close it with end_nest(). Null when it did not fit.
  nlattr* begin_nest(std::uint16_t type);
  /// Bytes with no attribute around them: the fixed part of a message inside a nest.
  Request& raw(std::span<const std::uint8_t> bytes);
  void end_nest(nlattr* nest);

  /// False once an attribute did not fit; transact() turns that into an Error.
  bool complete() const { return complete_; }
  std::span<const std::uint8_t> bytes() const;
  nlmsghdr* header() { return header_; }

 private:
  Request& put(std::uint16_t type, const void* data, std::size_t size);

  static constexpr std::size_t kMaxBytes = 4096;
  alignas(nlmsghdr) std::array<std::uint8_t, kMaxBytes> buffer_{};
  nlmsghdr* header_;
  bool complete_ = true;
};

/// A netlink socket with extended ACKs. Errors carry the kernel's own sentence where it gave one:
/// "ipv4: Address already assigned" becomes part of Error::what.
class NetlinkSocket {
 public:
  using OnMessage = std::function<void(const nlmsghdr&)>;

  /// `bus` is NETLINK_ROUTE, NETLINK_NETFILTER …; `groups` are multicast groups to join.
  static Result<NetlinkSocket> open(int bus, std::span<const unsigned> groups = {});

  int fd() const;
  /// Sends the request and waits for its acknowledgement; replies before it go to `on_reply`.
  Result<void> transact(Request& request, const OnMessage& on_reply = {});
  /// Runs a dump to its end; starts it again when the kernel says that it was interrupted (EINTR).
  /// `on_start` is called before each attempt, so that a half-read one can be forgotten.
  Result<void> dump(Request& request, const std::function<void()>& on_start,
                    const OnMessage& on_message);
  /// Delivers every notification that is there now without waiting; false: some were lost.
  Result<bool> pending(const OnMessage& on_message);
  /// What a batch's message with this sequence number does, for the error: "add chain x".
  using NameOfMessage = std::function<std::string(std::uint32_t sequence)>;
  /// Sends bytes that were built elsewhere (libnftnl's batch) and collects the acknowledgements;
  /// the first error wins, with the name of the message it belongs to in front of its sentence
  /// ("message N" without `name_of`). The last message that is not a batch mark must ask for an
  /// acknowledgement (NLM_F_ACK), so that silence is never taken for success.
  Result<void> transact_batch(std::span<const std::uint8_t> bytes, std::uint32_t first_sequence,
                              std::uint32_t last_sequence, const NameOfMessage& name_of = {});

 private:
  struct Close {
    void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
  };
  explicit NetlinkSocket(mnl_socket* socket);

  Result<void> send(Request& request);
  /// One datagram of the kernel's, in buffer_; nullopt when there is none (MSG_DONTWAIT).
  Result<std::optional<std::span<const std::uint8_t>>> receive(int flags);
  enum class DumpEnd : std::uint8_t { Complete, Interrupted };
  Result<DumpEnd> read_dump(const OnMessage& on_message);

  std::unique_ptr<mnl_socket, Close> socket_;
  std::vector<std::uint8_t> buffer_;
  std::uint32_t sequence_ = 0;
};

}  // namespace lvs::linux_net
