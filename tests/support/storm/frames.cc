#include "tests/support/storm/frames.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "net/wire/ethernet.h"
#include "tests/support/frames.h"
#include "tests/support/packets.h"
#include "tests/support/storm/packets.h"

namespace lvs::test {
namespace {

using director::ForwardMethod;

template <typename Addr>
constexpr Family kFamilyOf = std::same_as<Addr, Ipv4Addr> ? Family::Ipv4 : Family::Ipv6;

template <typename Addr>
Addr as(const IpAddr& address) {
  if constexpr (std::same_as<Addr, Ipv4Addr>) {
    return address.v4();
  } else {
    return address.v6();
  }
}

/// What is said on FTP's control connections: clients and servers that open data connections, also
/// for others, and lines that do not end.
constexpr std::array<std::string_view, 8> kFtpLines{
    "",
    "PORT 198,51,100,1,156,64\r\n",
    "EPRT |1|198.51.100.2|40001|\r\n",
    "EPRT |2|2001:db8:1::1|40002|\r\n",
    "227 Entering Passive Mode (10,1,0,14,3,232)\r\n",
    "229 Entering Extended Passive Mode (|||1000|)\r\n",
    "EPSV\r\nPASV\r\n",
    "PORT 198,51,100,1"};

Port port_of(std::uint32_t number) { return Port{static_cast<std::uint16_t>(number)}; }

}  // namespace

std::uint32_t StormFrames::number_of(const std::uint8_t* mac) {
  return wire::load_be32(wire::ConstBytes{mac, 6}, 2);
}

StormFrame StormFrames::next() {
  if (pending_.empty()) {
    broken_ = choices_.one_in(6);
    if (choices_.one_in(24)) {
      pending_.push_back(other_frame());
    } else if (choices_.below(2) == 0) {
      send<Ipv4Addr>(packet<Ipv4Addr>());
    } else {
      send<Ipv6Addr>(packet<Ipv6Addr>());
    }
  }
  StormFrame frame = std::move(pending_.front());
  pending_.pop_front();
  number(frame);
  return frame;
}

void StormFrames::number(StormFrame& frame) {
  ++frames_;
  if (frame.bytes.size() >= 12) wire::store_be32(frame.bytes, 8, frames_);
}

template <typename Addr>
StormFrames::Bytes StormFrames::packet() {
  constexpr Family family = kFamilyOf<Addr>;
  if (choices_.one_in(8)) return error<Addr>();
  if (choices_.below(3) == 0) {
    const StormCluster::Server& server = choices_.of(cluster_.servers);
    if (server.config.method == ForwardMethod::Masq && server.service.family() == family)
      return reply<Addr>(server);
  }
  // The first half of the services is of IPv4.
  const auto half = static_cast<std::uint32_t>(cluster_.services.size() / 2);
  const std::uint32_t first = family == Family::Ipv4 ? 0 : half;
  return request<Addr>(cluster_.services[first + choices_.below(half)]);
}

template <typename Addr>
StormFrames::Bytes StormFrames::request(const director::ServiceConfig& service) {
  constexpr Family family = kFamilyOf<Addr>;
  const bool marked = service.key.mark != 0;
  const Addr vip = as<Addr>(marked ? storm_vip(family) : service.key.vip);
  Port port = service.key.port;
  if (port == Port{}) port = port_of((marked ? 90 : 1000) + choices_.below(4));
  constexpr std::array protocols{Protocol::Tcp, Protocol::Udp, Protocol::Sctp};
  const Protocol protocol = marked ? choices_.of(protocols) : service.key.protocol;
  return make<Addr>(as<Addr>(storm_client(family, choices_.below(kStormClients))), vip,
                    port_of(40000 + choices_.below(8)), port, protocol);
}

template <typename Addr>
StormFrames::Bytes StormFrames::reply(const StormCluster::Server& server) {
  Port from = server.config.port;
  if (from == Port{}) from = port_of((server.service.mark != 0 ? 90 : 1000) + choices_.below(4));
  const Protocol protocol = server.service.mark != 0 ? Protocol::Tcp : server.service.protocol;
  return make<Addr>(as<Addr>(server.config.address),
                    as<Addr>(storm_client(kFamilyOf<Addr>, choices_.below(kStormClients))), from,
                    port_of(40000 + choices_.below(8)), protocol);
}

/// Sometimes more than what is sent anyway: length, extension headers, a hop limit that ends.
template <typename Spec>
void StormFrames::vary(Spec& spec) {
  constexpr std::array<std::uint8_t, 8> flags{0x02, 0x10, 0x11, 0x04, 0x12, 0x18, 0x14, 0x00};
  spec.tcp_flags = choices_.of(flags);
  spec.payload = choices_.one_in(12) ? choices_.below(4000) : 4 + choices_.below(60);
  spec.hops = static_cast<std::uint8_t>(choices_.one_in(20) ? choices_.below(3) : 64);
  spec.dont_fragment = choices_.below(2) == 0;
  spec.tos = static_cast<std::uint8_t>(choices_.below(4));
  // IPv6 knows no datagram without a sum.
  if constexpr (std::same_as<Spec, PacketSpec<Ipv4Addr>>) spec.udp_checksum = !choices_.one_in(8);
  if (!choices_.one_in(12)) return;
  if constexpr (std::same_as<Spec, PacketSpec<Ipv4Addr>>) {
    spec.options = {1, 1, 1, 0};
  } else {
    spec.first_extension = choices_.below(2) == 0 ? std::uint8_t{0} : std::uint8_t{60};
    spec.options = {static_cast<std::uint8_t>(spec.protocol), 0, 1, 4, 0, 0, 0, 0};
  }
}

template <typename Addr>
StormFrames::Bytes StormFrames::make(Addr source, Addr destination, Port from, Port to,
                                     Protocol protocol) {
  PacketSpec<Addr> spec;
  spec.source = source;
  spec.destination = destination;
  spec.source_port = from;
  spec.destination_port = to;
  spec.protocol = protocol;
  vary(spec);
  const bool is_ftp = protocol == Protocol::Tcp && (from == Port{21} || to == Port{21});
  const std::string_view line = is_ftp ? choices_.of(kFtpLines) : std::string_view{};
  if (!line.empty()) spec.payload = line.size();
  Bytes made = make_packet(spec);
  if (protocol == Protocol::Sctp && spec.payload > 0) {
    made[made.size() - spec.payload] = static_cast<std::uint8_t>(choices_.below(15));
    finish_packet(made);
  } else if (!line.empty()) {
    std::ranges::copy(line, made.end() - static_cast<std::ptrdiff_t>(line.size()));
    finish_packet(made);
  }
  return made;
}

/// An error about a packet that somebody sent before it was rewritten, or after, or about an outer
/// packet; or an echo.
template <typename Addr>
StormFrames::Bytes StormFrames::error() {
  constexpr Family family = kFamilyOf<Addr>;
  if (choices_.one_in(4)) return error_about<Addr>(outer_packet<Addr>());
  const StormCluster::Server& server = choices_.of(cluster_.servers);
  const Addr client = as<Addr>(storm_client(family, choices_.below(kStormClients)));
  const Port client_port = port_of(40000 + choices_.below(8));
  const Protocol protocol = server.service.mark != 0 ? Protocol::Tcp : server.service.protocol;
  const bool about_request = choices_.below(2) == 0 && server.config.address.family() == family;
  if (about_request)
    return error_about<Addr>(make<Addr>(client, as<Addr>(server.config.address), client_port,
                                        server.config.port, protocol));
  return error_about<Addr>(
      make<Addr>(as<Addr>(storm_vip(family)), client, server.service.port, client_port, protocol));
}

template <typename Addr>
StormFrames::Bytes StormFrames::outer_packet() {
  const StormCluster::Server& server = choices_.of(cluster_.servers);
  const IpAddr own = kFamilyOf<Addr> == Family::Ipv4 ? IpAddr{Ipv4Addr(10, 0, 0, 1)}
                                                     : storm_client(Family::Ipv6, 200);
  const bool is_tunnel = server.config.method == ForwardMethod::Tunnel &&
                         server.config.address.family() == kFamilyOf<Addr>;
  if (!is_tunnel) return packet<Addr>();
  const director::ServiceConfig& service = choices_.of(cluster_.services);
  const Bytes inner = service.key.family() == Family::Ipv4 ? request<Ipv4Addr>(service)
                                                           : request<Ipv6Addr>(service);
  return wrapped(own, server.config.address, server.config.tunnel, inner);
}

template <typename Addr>
StormFrames::Bytes StormFrames::error_about(const Bytes& quoted) {
  constexpr std::array<std::array<std::uint8_t, 2>, 6> kinds4{
      {{3, 4}, {3, 3}, {11, 0}, {4, 0}, {12, 0}, {8, 0}}};
  constexpr std::array<std::array<std::uint8_t, 2>, 6> kinds6{
      {{2, 0}, {1, 4}, {3, 0}, {4, 1}, {128, 0}, {1, 3}}};
  const auto& kind = choices_.of(kFamilyOf<Addr> == Family::Ipv4 ? kinds4 : kinds6);
  constexpr std::array<std::uint16_t, 5> mtus{1400, 1280, 576, 0, 68};
  const std::size_t most = std::min<std::size_t>(quoted.size(), 500);
  const std::size_t kept = choices_.one_in(4) ? choices_.below(64) : most;
  return icmp_error({kind[0], kind[1], choices_.of(mtus)},
                    {quoted.begin(),
                     quoted.begin() + static_cast<std::ptrdiff_t>(std::min(kept, quoted.size()))});
}

template <typename Addr>
void StormFrames::send(Bytes packet) {
  const std::uint32_t id = (++packets_ & 0x7fff) | (broken_ ? 0x8000u : 0);
  set_id(packet, id);
  if (choices_.one_in(12) && may_be_fragmented(packet)) return send_fragments<Addr>(packet);
  StormFrame frame = in_frame(packet);
  if (choices_.one_in(8)) leave_to_card(frame);
  if (choices_.one_in(16)) frame.bytes.resize(frame.bytes.size() + choices_.below(20));
  if (broken_) break_bytes(frame);
  const bool is_tagged =
      frame.bytes.size() >= wire::kEthernetHeader && !frame.card.unfinished && choices_.one_in(24);
  if (is_tagged) tag(frame.bytes, choices_.below(2) == 0 ? 0x6000 : 0x0005);
  pending_.push_back(std::move(frame));
}

template <typename Addr>
void StormFrames::send_fragments(const Bytes& packet) {
  std::vector<Bytes> fragments = fragments_of(packet, 8 + 8 * choices_.below(40));
  while (!fragments.empty()) {
    const std::uint32_t place = choices_.below(static_cast<std::uint32_t>(fragments.size()));
    StormFrame frame = in_frame(fragments[place]);
    if (broken_ && choices_.one_in(3)) break_bytes(frame);
    if (!choices_.one_in(16)) pending_.push_back(std::move(frame));  // else it is lost
    fragments.erase(fragments.begin() + place);
  }
  if (pending_.empty()) pending_.push_back(other_frame());
}

/// A checksum, and sometimes the cutting into segments.
void StormFrames::leave_to_card(StormFrame& frame) {
  const wire::MutableBytes packet = wire::MutableBytes{frame.bytes}.subspan(wire::kEthernetHeader);
  const ReferenceLayout layout = reference_layout(packet);
  if (layout.fragment || (layout.protocol != 6 && layout.protocol != 17)) return;
  const std::size_t field = layout.protocol == 6 ? 16 : 6;
  wire::store_be16(packet, layout.transport + field, pseudo_sum(packet));
  frame.card = {true, static_cast<std::uint16_t>(wire::kEthernetHeader + layout.transport),
                static_cast<std::uint16_t>(field)};
  frame.offload.checksum_unfinished = true;
  if (choices_.below(2) == 0)
    frame.offload.segment_size = static_cast<std::uint16_t>(100 + choices_.below(1300));
}

StormFrame StormFrames::in_frame(const Bytes& packet) {
  StormFrame frame;
  frame.bytes.resize(wire::kEthernetHeader);
  wire::store_ethernet(frame.bytes, kDirectorMac, kRouterMac,
                       packet[0] >> 4 == 4 ? wire::EtherType::Ipv4 : wire::EtherType::Ipv6);
  frame.bytes.insert(frame.bytes.end(), packet.begin(), packet.end());
  frame.ingress = LinkIndex{2 + choices_.below(2)};
  frame.addressed_to_us = !choices_.one_in(50);
  if (choices_.one_in(20)) frame.mark = StormCluster::kMark;
  return frame;
}

/// ARP, or anything.
StormFrame StormFrames::other_frame() {
  StormFrame frame;
  frame.bytes.resize(choices_.below(100));
  if (frame.bytes.size() < wire::kEthernetHeader) return frame;
  wire::store_ethernet(frame.bytes, kDirectorMac, kRouterMac,
                       choices_.below(2) == 0 ? wire::EtherType::Arp : wire::EtherType::Ipv6);
  for (std::size_t i = wire::kEthernetHeader; i < frame.bytes.size(); ++i)
    frame.bytes[i] = static_cast<std::uint8_t>(choices_.below(256));
  if (frame.bytes.size() > 15) frame.bytes[15] |= 0x08;  // broken, as a flow label says it
  return frame;
}

void StormFrames::break_bytes(StormFrame& frame) {
  const auto size = static_cast<std::uint32_t>(frame.bytes.size());
  for (std::uint32_t hits = 1 + choices_.below(2); hits > 0; --hits) {
    const std::uint32_t place = choices_.below(size);
    const bool is_number = place >= 6 && place < 12;
    const bool is_label = place == 15 || place == 18;
    if (is_number || is_label) continue;
    frame.bytes[place] = static_cast<std::uint8_t>(frame.bytes[place] ^ 1u << choices_.below(8));
  }
  if (choices_.one_in(8)) frame.bytes.resize(choices_.below(size));
  // Without a right sum nearly all would end at that check.
  if (choices_.below(3) != 0) repair_ipv4(frame.bytes);
}

}  // namespace lvs::test
