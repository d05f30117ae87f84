#include "profiles/io/tunnel_probe.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <optional>
#include <sstream>
#include <utility>

#include "net/linux/fd.h"
#include "net/linux/file.h"
#include "net/linux/nft_change.h"
#include "net/linux/nft_trace.h"
#include "net/linux/packet_socket.h"
#include "net/linux/rtnetlink.h"
#include "net/linux/socket_address.h"
#include "net/linux/sys_error.h"
#include "net/linux/sysctl.h"
#include "net/wire/addr_text.h"
#include "profiles/io/firewall/inner_capture.h"
#include "profiles/io/firewall/match_expressions.h"
#include "profiles/io/firewall/tunnel_frame.h"

namespace lvs::profiles {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// A link that has just come up, and a process that has just started, lose the first packets. Only
/// a tunnel that does not work waits for all rounds.
constexpr int kRounds = 6;
constexpr std::chrono::milliseconds kRound{200};
constexpr std::size_t kNonceBytes = 16;
/// A station that does not exist (locally administered).
constexpr MacAddr kAsker{{0x02, 0x4c, 0x56, 0x53, 0x00, 0x02}};
/// Clients of the other family than the director: addresses for documentation (RFC 5737, 3849).
constexpr Ipv4Addr kAnyClient4(192, 0, 2, 1);
constexpr Ipv6Addr kAnyClient6{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

/// A UDP socket on the VIP, and what is to arrive there.
struct Listener {
  linux_net::UniqueFd fd;
  Port port{};
  Bytes nonce{};
};

Result<Listener> listen_on(const IpAddr& vip) {
  Listener made;
  linux_net::SocketAddress address = linux_net::socket_address(vip, Port{});
  made.fd = linux_net::UniqueFd(
      ::socket(address.storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.fd) return linux_net::fail_errno("open a UDP socket");
  // A new IPv6 address is usable some moments after it was added, even where nobody is asked for
  // it.
  const int on = 1;
  if (!vip.is_v4() && ::setsockopt(made.fd.get(), IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on) != 0)
    return linux_net::fail_errno("prepare a UDP socket for an address that is to come");
  if (::bind(made.fd.get(), address.get(), address.length) != 0)
    return linux_net::fail_errno("bind a UDP socket to " + to_string(vip));
  if (::getsockname(made.fd.get(), address.get(), &address.length) != 0)
    return linux_net::fail_errno("ask for the port of a UDP socket");
  sockaddr_in bound{};  // the port is at the same place for both families
  std::memcpy(&bound, &address.storage, sizeof bound);
  made.port = Port{ntohs(bound.sin_port)};
  made.nonce.resize(kNonceBytes);
  if (::getrandom(made.nonce.data(), made.nonce.size(), 0) < 0)
    return linux_net::fail_errno("ask for random bytes");
  return made;
}

/// True when the nonce came before the deadline.
bool arrived(const Listener& listener, std::chrono::steady_clock::time_point deadline) {
  while (true) {
    Bytes got(2 * kNonceBytes);
    const ssize_t size = ::recv(listener.fd.get(), got.data(), got.size(), 0);
    if (size >= 0) {
      got.resize(static_cast<std::size_t>(size));
      if (got == listener.nonce) return true;
      continue;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{listener.fd.get(), POLLIN, 0};
    ::poll(&waiting, 1, static_cast<int>(left.count()) + 1);
  }
}

/// Packets that the reverse path filter dropped in this namespace so far.
std::uint64_t reverse_path_drops() {
  const auto text = linux_net::read_small_file("/proc/thread-self/net/netstat");
  if (!text) return 0;
  std::istringstream lines(*text);
  std::string names;
  std::string values;
  while (std::getline(lines, names) && std::getline(lines, values)) {
    std::istringstream name_words(names);
    std::istringstream value_words(values);
    std::string name;
    std::string value;
    while (name_words >> name && value_words >> value)
      if (name == "IPReversePathFilter") return std::strtoull(value.c_str(), nullptr, 10);
  }
  return 0;
}

std::string value_of(const std::string& place) {
  const auto value = linux_net::read_sysctl("net/ipv4/conf/" + place + "/rp_filter");
  return place + "=" + (value ? *value : "?");
}

std::string told(const linux_net::TraceEvent& event) {
  std::string text = "nf_tables table " + linux_net::nft_family_name(event.family) + " " +
                     event.table + ", chain " + event.chain;
  return text + (event.handle == 0 ? " (policy drop)"
                                   : " (rule handle " + std::to_string(event.handle) + ")");
}

class Probe {
 public:
  Probe(const TunnelProbe& step, const linux_net::Link& link, Listener listener)
      : step_(step),
        link_(link),
        listener_(std::move(listener)),
        capture_(InnerCapture::start(step.vip, listener_.port)) {
    TunnelFrame frame;
    frame.to = link.mac;
    frame.from = kAsker;
    frame.director = step.director;
    frame.target = step.target;
    frame.vip = step.vip;
    frame.inner_source = step.director;
    if (step.vip.family() != step.director.family())
      frame.inner_source = step.vip.is_v4() ? IpAddr{kAnyClient4} : IpAddr{kAnyClient6};
    frame.port = listener_.port;
    frame.payload = listener_.nonce;
    frame_ = bytes_of(frame);
  }

  Result<StepNote> run() {
    for (int round = 0; round < kRounds; ++round) {
      if (auto sent = send(); !sent)
        return StepNote{
            true, "a packet could not be injected on " + step_.link + ": " + sent.error().what};
      if (came()) return StepNote{};
    }
    return explain();
  }

 private:
  Result<void> send() { return linux_net::inject_as_received(link_.index, frame_); }
  bool came() { return arrived(listener_, std::chrono::steady_clock::now() + kRound); }

  /// One more round, looked at by everybody who can see a drop.
  Result<StepNote> explain() {
    const std::uint64_t drops_before = reverse_path_drops();
    auto trace = linux_net::NftTrace::start(traced());
    LVS_CHECK(send());
    if (came()) return StepNote{};
    const std::uint64_t drops = reverse_path_drops() - drops_before;
    std::vector<linux_net::TraceEvent> events;
    if (trace) {
      if (auto seen = trace->events()) events = *std::move(seen);
    }
    for (const linux_net::TraceEvent& event : events)
      if (event.dropped) return judge_drop(event, is_to_vip(event));
    if (drops > 0)
      return failed("the reverse path filter dropped it (rp_filter: " + value_of("all") + ", " +
                    value_of(step_.link) + "; the higher of `all` and the link's own counts)");
    return judge_silence(events, trace ? "" : trace.error().what);
  }

  /// Nobody was seen dropping it; `untraced` says why nf_tables could not be asked.
  Result<StepNote> judge_silence(const std::vector<linux_net::TraceEvent>& events,
                                 const std::string& untraced) {
    const bool inner_traced = std::ranges::any_of(
        events, [&](const linux_net::TraceEvent& event) { return is_to_vip(event); });
    if (inner_traced || (capture_ && capture_->saw(listener_.nonce)))
      return StepNote{false,
                      "decapsulated; the UDP packet inside, to the probe's own port, was then "
                      "dropped by somebody who cannot be traced here, such as iptables-legacy" +
                          (untraced.empty() ? "" : " (" + untraced + ")") +
                          ": see that the services' ports are open"};
    if (!events.empty())
      return failed(
          "no chain of nf_tables dropped it, but no inner packet came out: "
          "iptables-legacy may drop it, or nothing decapsulates");
    if (untraced.empty()) return failed("it did not come as far as the firewall");
    if (capture_)
      return failed(
          "no inner packet came out of the tunnel: a firewall that cannot be traced here, such as "
          "iptables-legacy, drops it, or nothing decapsulates (" +
          untraced + ")");
    return StepNote{true, "the packet inside did not arrive, and nothing here can tell why (" +
                              untraced + "; " + capture_.error().what + ")"};
  }

  Result<StepNote> judge_drop(const linux_net::TraceEvent& event, bool inner) const {
    if (!inner) return failed(told(event) + " dropped it");
    // The ports of services are the operator's: ours was only a means.
    return StepNote{false,
                    "decapsulated; the UDP packet inside, to the probe's own port, was "
                    "dropped by " +
                        told(event) + ": see that the services' ports are open"};
  }

  tl::unexpected<Error> failed(const std::string& why) const {
    return fail("a tunnel packet from " + to_string(step_.director) + " to " +
                to_string(step_.target.outer) + " on " + step_.link +
                " did not bring its inner packet to " + to_string(step_.vip) + ": " + why);
  }

  bool is_to_vip(const linux_net::TraceEvent& event) const {
    const Bytes vip = range_of(Prefix{step_.vip, step_.vip.bits()}).first;
    const std::size_t at = step_.vip.is_v4() ? 16 : 24;
    const Bytes& header = event.network_header;
    if (header.empty() || header[0] >> 4 != (step_.vip.is_v4() ? 4 : 6)) return false;
    return header.size() >= at + vip.size() &&
           std::equal(vip.begin(), vip.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
  }

  std::vector<std::vector<linux_net::NftExpression>> traced() const {
    PacketMatch outer;
    outer.family = step_.director.family();
    outer.protocol = outer_protocol(step_.target.type, step_.vip.family());
    outer.source = Prefix{step_.director, step_.director.bits()};
    outer.destination = Prefix{step_.target.outer, step_.target.outer.bits()};
    PacketMatch inner;
    inner.family = step_.vip.family();
    inner.protocol = std::uint8_t{IPPROTO_UDP};
    inner.destination = Prefix{step_.vip, step_.vip.bits()};
    inner.port = listener_.port;
    return {expressions_of(outer, NftFamily::Inet, FirewallKind::Nft),
            expressions_of(inner, NftFamily::Inet, FirewallKind::Nft)};
  }

  const TunnelProbe& step_;
  const linux_net::Link& link_;
  Listener listener_;
  Result<InnerCapture> capture_;
  Bytes frame_;
};

}  // namespace

Result<StepNote> probe_tunnel(const TunnelProbe& step) {
  LVS_TRY(linux_net::RouteSocket route, linux_net::RouteSocket::open());
  LVS_TRY(const linux_net::Link link, route.link_named(step.link));
  LVS_TRY(Listener listener, listen_on(step.vip));
  return Probe(step, link, std::move(listener)).run();
}

}  // namespace lvs::profiles
