#include "director/core/tunnel_errors.h"

#include <algorithm>

#include "director/core/answer.h"
#include "director/core/lookup.h"
#include "net/wire/icmpv6.h"
#include "net/wire/ports.h"
#include "net/wire/tunnel.h"

namespace lvs::director {
namespace {

/// What an error about an outer packet says, whatever family that is of.
struct Report {
  bool is_too_big = false;
  std::uint32_t mtu = 0;
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  Family family = Family::Ipv4;
  IpAddr server{};  ///< whom the outer packet was sent to
  Protocol outer_protocol{};
  Port outer_port{};         ///< of UDP
  wire::MutableBytes inner;  ///< cut off somewhere
};

bool is_sent_by(const Report& report, const ServerRecord& server) {
  if (server.method != ForwardMethod::Tunnel || !(server.address == MappedAddr{report.server}))
    return false;
  if (report.outer_protocol == Protocol::Udp)
    return server.tunnel == TunnelType::Gue && server.tunnel_port == report.outer_port;
  return report.outer_protocol == Protocol::Gre ? server.tunnel == TunnelType::Gre
                                                : server.tunnel == TunnelType::IpIp;
}

/// RFC 791's least and RFC 8200's. A router that names no MTU (RFC 1191, 5) has told that it must
/// be less than what most ways take.
std::uint16_t usable_mtu(const Report& report) {
  constexpr std::uint32_t unnamed = 576;
  const std::uint32_t named = report.mtu == 0 ? unnamed : report.mtu;
  return static_cast<std::uint16_t>(
      std::clamp<std::uint32_t>(named, PathMtus::floor_of(report.family), UINT16_MAX));
}

constexpr IcmpMessage<Ipv4Addr> too_big(Ipv4Addr /*family*/) { return {.type = 3, .code = 4}; }
constexpr IcmpMessage<Ipv6Addr> too_big(const Ipv6Addr& /*family*/) { return {.type = 2}; }
/// RFC 2473, 8: host, or address, unreachable. Within a family the message passes as it is.
constexpr IcmpMessage<Ipv4Addr> unreachable(Ipv4Addr /*family*/) { return {.type = 3, .code = 1}; }
constexpr IcmpMessage<Ipv6Addr> unreachable(const Ipv6Addr& /*family*/) {
  return {.type = 1, .code = 3};
}

template <typename Addr>
IcmpMessage<Addr> message_of(const Report& report) {
  if (report.is_too_big) return too_big(Addr{});
  if (report.family != FamilyTraits<Addr>::kFamily) return unreachable(Addr{});
  return {.type = report.type, .code = report.code};
}

/// Puts the message in the place of the error that came: it is never longer.
template <typename Addr>
void replace_frame(Frame& frame, const NextHopRecord& hop, const IcmpMessage<Addr>& message,
                   wire::ConstBytes quoted) {
  const std::size_t length = icmp_message_length<Addr>(quoted.size());
  frame.bytes = frame.bytes.first(wire::kEthernetHeader + length);
  wire::store_ethernet(frame.bytes, hop.destination, hop.source, FamilyTraits<Addr>::kEtherType);
  store_icmp_message(frame.bytes.subspan(wire::kEthernetHeader), message, quoted);
  frame.offload = {};
}

template <typename Addr>
Step tell_client(const Moment& moment, const Report& report, const Connection<Addr>& connection,
                 const wire::IpView<Addr>& inner, Frame& frame) {
  LiveTables& tables = moment.tables;
  const ServerRecord& server = *tables.server(connection.server);
  const NextHopRecord* const to_server = tables.next_hop(connection.next_hop);
  IcmpMessage<Addr> message = message_of<Addr>(report);
  if (report.is_too_big) {
    const std::uint16_t mtu = usable_mtu(report);
    tables.path_mtus.learn(connection.next_hop, mtu, report.family, moment.now);
    // Who lets others cut his packets need not send smaller ones; ours are from now on.
    if (inner.may_be_fragmented()) return {.next = Next::Kernel};
    const std::uint16_t least = to_server == nullptr ? mtu : std::min(mtu, to_server->mtu);
    message.mtu = static_cast<std::uint16_t>(
        std::max<std::size_t>(least - std::min<std::size_t>(least, tunnel_overhead(server)),
                              FamilyTraits<Addr>::kLeastMtu));
  }
  const Step way = find_way_back(tables, connection, moment.now);
  if (way.next != Next::Forward) return way;
  message.from = inner.destination();
  message.to = inner.source();
  if (FamilyTraits<Addr>::kFamily == Family::Ipv4) message.tos = 0xc0;  // RFC 1812, 4.3.2.5
  replace_frame<Addr>(frame, *tables.next_hop(way.next_hop), message, inner.bytes());
  return way;
}

template <typename Addr>
std::optional<Step> follow_inner(const Moment& moment, const Report& report, Frame& frame) {
  const auto inner = wire::IpView<Addr>::parse_quoted(report.inner);
  if (!inner) return std::nullopt;
  const auto ports = wire::find_ports(*inner);
  if (!ports) return std::nullopt;
  const Connection<Addr>* const connection = moment.tables.find<Addr>(
      {inner->source(), inner->destination(), ports->source, ports->destination, inner->protocol()},
      moment.now);
  if (connection == nullptr || connection->method != ForwardMethod::Tunnel) return std::nullopt;
  const ServerRecord* const server = moment.tables.server(connection->server);
  if (server == nullptr || !is_sent_by(report, *server)) return std::nullopt;
  return tell_client(moment, report, *connection, *inner, frame);
}

/// What stands between the quoted outer header and the inner packet.
template <typename View>
std::optional<wire::TunnelLayer> layer_of(const View& outer, Port& port) {
  const wire::ConstBytes payload = outer.payload();
  if (const auto family = wire::carried_family(outer.protocol()))
    return wire::TunnelLayer{0, *family};
  if (outer.protocol() == Protocol::Gre && payload.size() >= wire::kGreMinHeader)
    return wire::gre_layer(payload);
  constexpr std::size_t udp = wire::transport_field::kUdpHeader;
  if (outer.protocol() != Protocol::Udp || payload.size() < udp + wire::kGueMinHeader)
    return std::nullopt;
  port = Port{wire::load_be16(payload, wire::transport_field::kDestinationPort)};
  auto layer = wire::gue_layer(payload.subspan(udp));
  if (layer) layer->size += udp;
  return layer;
}

}  // namespace

template <typename Addr>
std::optional<Step> follow_tunnel_error(const Moment& moment, const IpPacket<Addr>& packet,
                                        Frame& frame) {
  const auto icmp = *wire::BasicIcmpViewOf<Addr, std::uint8_t>::parse(packet.ip.payload());
  const auto outer = *icmp.quoted();
  if (outer.is_later_fragment() || !has_valid_icmp_checksum(packet.ip)) return std::nullopt;
  Report report{.is_too_big = icmp.is_too_big(),
                .mtu = icmp.next_hop_mtu(),
                .type = static_cast<std::uint8_t>(icmp.type()),
                .code = icmp.code(),
                .family = FamilyTraits<Addr>::kFamily,
                .server = outer.destination(),
                .outer_protocol = outer.protocol(),
                .inner = {}};
  const auto layer = layer_of(outer, report.outer_port);
  if (!layer || layer->size >= outer.payload().size()) return std::nullopt;
  report.inner = outer.payload().subspan(layer->size);
  return layer->inner == Family::Ipv4 ? follow_inner<Ipv4Addr>(moment, report, frame)
                                      : follow_inner<Ipv6Addr>(moment, report, frame);
}

template std::optional<Step> follow_tunnel_error(const Moment&, const IpPacket<Ipv4Addr>&, Frame&);
template std::optional<Step> follow_tunnel_error(const Moment&, const IpPacket<Ipv6Addr>&, Frame&);

}  // namespace lvs::director
