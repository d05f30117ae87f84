#include "tests/lab/tunnel_sender.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "net/linux/packet_ring.h"
#include "net/wire/bytes.h"
#include "net/wire/checksum.h"
#include "net/wire/ipv4.h"

namespace lvs::test {
namespace {

using linux_net::UniqueFd;
constexpr std::size_t kIpv6Bytes = 40;

void append(std::vector<std::uint8_t>& bytes, const std::vector<std::uint8_t>& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

Wrapping outer(const IpAddr& from, const IpAddr& to, Protocol protocol) {
  Wrapping wrapping;
  wrapping.outer_is_v4 = from.is_v4();
  if (from.is_v4()) {
    wrapping.headers.resize(wire::ipv4_field::kMinHeader);
    wire::store_ipv4(wrapping.headers,
                     {.source = from.v4(), .destination = to.v4(), .protocol = protocol});
    return wrapping;
  }
  wrapping.headers = {0x60, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(protocol), 64};
  for (const IpAddr& addr : {from, to})
    append(wrapping.headers, {addr.v6().octets().begin(), addr.v6().octets().end()});
  return wrapping;
}

Protocol number_of(Family family) {
  return family == Family::Ipv4 ? Protocol::IpIp : Protocol::Ipv6;
}

/// Headers with the lengths of this packet in them.
std::vector<std::uint8_t> headers_for(const Wrapping& wrapping, std::size_t packet) {
  std::vector<std::uint8_t> headers = wrapping.headers;
  const std::size_t total = headers.size() + packet;
  const std::size_t ip = wrapping.outer_is_v4 ? wire::ipv4_field::kMinHeader : kIpv6Bytes;
  if (wrapping.outer_is_v4) {
    wire::store_be16(headers, wire::ipv4_field::kTotalLength, static_cast<std::uint16_t>(total));
    wire::store_be16(headers, wire::ipv4_field::kChecksum, 0);
    const std::uint16_t sum = wire::checksum_of(std::span(headers).first(ip));
    wire::store_be16(headers, wire::ipv4_field::kChecksum, sum);
  } else {
    wire::store_be16(headers, 4, static_cast<std::uint16_t>(total - ip));
  }
  if (wrapping.is_udp) wire::store_be16(headers, ip + 4, static_cast<std::uint16_t>(total - ip));
  return headers;
}

UniqueFd open_tun(const std::string& device, bool offload) {
  UniqueFd fd(::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK));
  ifreq request{};
  device.copy(std::begin(request.ifr_name), IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
  if (!fd || ::ioctl(fd.get(), TUNSETIFF, &request) != 0) return {};
  const unsigned long offloads = offload ? TUN_F_CSUM : 0;
  if (::ioctl(fd.get(), TUNSETOFFLOAD, offloads) != 0) return {};
  return fd;
}

}  // namespace

Wrapping ipip(const IpAddr& from, const IpAddr& to, Family inner) {
  return outer(from, to, number_of(inner));
}

Wrapping gre(const IpAddr& from, const IpAddr& to, Family inner, bool all_options) {
  Wrapping wrapping = outer(from, to, Protocol::Gre);
  const bool v4 = inner == Family::Ipv4;
  append(wrapping.headers, {static_cast<std::uint8_t>(all_options ? 0xb0 : 0), 0,
                            static_cast<std::uint8_t>(v4 ? 0x08 : 0x86),
                            static_cast<std::uint8_t>(v4 ? 0x00 : 0xdd)});
  if (all_options) append(wrapping.headers, {0, 0, 0, 0, 0, 0, 0, 42, 0, 0, 0, 1});
  return wrapping;
}

Wrapping gue(const IpAddr& from, const IpAddr& to, Port port, Family inner, bool all_options) {
  Wrapping wrapping = outer(from, to, Protocol::Udp);
  wrapping.is_udp = true;
  append(wrapping.headers,
         {0xc0, 0x01, static_cast<std::uint8_t>(port.number >> 8),
          static_cast<std::uint8_t>(port.number & 0xff), 0, 0, 0, 0});  // no checksum
  if (all_options)
    append(wrapping.headers,
           {0x02, static_cast<std::uint8_t>(number_of(inner)), 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
  return wrapping;
}

std::vector<std::uint8_t> wrapped(const Wrapping& wrapping, std::span<const std::uint8_t> packet) {
  std::vector<std::uint8_t> bytes = headers_for(wrapping, packet.size());
  bytes.insert(bytes.end(), packet.begin(), packet.end());
  if (!wrapping.is_udp || !wrapping.with_udp_checksum) return bytes;
  const std::size_t ip = wrapping.outer_is_v4 ? wire::ipv4_field::kMinHeader : kIpv6Bytes;
  const std::size_t addresses = wrapping.outer_is_v4 ? 8 : 32;
  const auto udp = std::span(bytes).subspan(ip);
  const std::uint64_t pseudo_header =
      wire::add_words(std::span(bytes).subspan(ip - addresses, addresses), 17 + udp.size());
  const auto sum = static_cast<std::uint16_t>(~wire::fold(wire::add_words(udp, pseudo_header)));
  wire::store_be16(udp, 6, sum == 0 ? std::uint16_t{0xffff} : sum);
  return bytes;
}

TunnelSender::TunnelSender(const std::string& device, bool offload)
    : offload_(offload), tun_(open_tun(device, offload)), stop_(::eventfd(0, EFD_CLOEXEC)) {}

TunnelSender::~TunnelSender() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t told = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

bool TunnelSender::start(const linux_net::Link& link, const MacAddr& to, Wrapping for_v4,
                         Wrapping for_v6) {
  out_ = UniqueFd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
  const int yes = 1;
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_ifindex = static_cast<int>(link.index.number);
  if (!out_ || ::setsockopt(out_.get(), SOL_PACKET, PACKET_VNET_HDR, &yes, sizeof yes) != 0 ||
      ::bind(out_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return false;
  ethernet_.assign(to.octets().begin(), to.octets().end());
  ethernet_.insert(ethernet_.end(), link.mac.octets().begin(), link.mac.octets().end());
  wrappings_ = {std::move(for_v4), std::move(for_v6)};
  thread_ = std::thread([this] { forward(); });
  return true;
}

void TunnelSender::forward() {
  while (true) {
    std::array<pollfd, 2> waiting{{{tun_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    ::poll(waiting.data(), waiting.size(), -1);
    if (waiting[1].revents != 0) return;
    forward_one();
  }
}

void TunnelSender::forward_one() {
  std::array<std::uint8_t, 70000> buffer{};
  const ssize_t got = ::read(tun_.get(), buffer.data(), buffer.size());
  linux_net::VirtioHeader offload{};
  if (got < static_cast<ssize_t>(sizeof offload + 20)) return;
  std::memcpy(&offload, buffer.data(), sizeof offload);
  const auto packet =
      std::span(buffer).first(static_cast<std::size_t>(got)).subspan(sizeof offload);
  const Wrapping& wrapping = wrappings_[packet[0] >> 4 == 4 ? 0 : 1];
  if (wrapping.headers.empty()) return;
  const std::vector<std::uint8_t> whole = wrapped(wrapping, packet);

  const auto moved = static_cast<std::uint16_t>(ETH_HLEN + wrapping.headers.size());
  if ((offload.flags & linux_net::VirtioHeader::kNeedsChecksum) != 0) {
    offload.checksum_start = static_cast<std::uint16_t>(offload.checksum_start + moved);
    ++unfinished_;
  }
  if (offload.gso_type != linux_net::VirtioHeader::kGsoNone)
    offload.header_length = static_cast<std::uint16_t>(offload.header_length + moved);
  std::vector<std::uint8_t> frame(sizeof offload);
  std::memcpy(frame.data(), &offload, sizeof offload);
  append(frame, ethernet_);
  append(frame, wrapping.outer_is_v4 ? std::vector<std::uint8_t>{0x08, 0x00}
                                     : std::vector<std::uint8_t>{0x86, 0xdd});
  append(frame, whole);
  [[maybe_unused]] const ssize_t sent = ::send(out_.get(), frame.data(), frame.size(), 0);
}

}  // namespace lvs::test
