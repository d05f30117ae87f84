#include "tests/property/ipvs_model_engine.h"

#include <algorithm>

#include "net/wire/addr_text.h"
#include "net/wire/ethernet.h"
#include "net/wire/transport.h"
#include "tests/support/frames.h"
#include "tests/support/packets.h"

namespace lvs::test {
namespace {

using namespace lvs::director;

template <typename Addr>
std::vector<std::uint8_t> make_ip(const ModelPacket& packet, const Addr& source,
                                  const Addr& destination) {
  PacketSpec<Addr> spec;
  spec.source = source;
  spec.destination = destination;
  spec.source_port = packet.source_port;
  spec.destination_port = packet.destination_port;
  spec.protocol = packet.protocol;
  spec.tcp_flags = packet.tcp_flags;
  spec.payload = packet.protocol == Protocol::Sctp ? 16 : 8;
  std::vector<std::uint8_t> bytes = make_packet(spec);
  if (packet.protocol != Protocol::Sctp) return bytes;
  // One chunk: type, flags, length.
  const std::size_t chunk = bytes.size() - 16;
  bytes[chunk] = packet.sctp_chunk;
  bytes[chunk + 1] = bytes[chunk + 2] = 0;
  bytes[chunk + 3] = 16;
  finish_packet(bytes);
  return bytes;
}

Bytes make_frame_of(const ModelPacket& packet) {
  const bool v4 = packet.source.is_v4();
  const std::vector<std::uint8_t> ip =
      v4 ? make_ip(packet, packet.source.v4(), packet.destination.v4())
         : make_ip(packet, packet.source.v6(), packet.destination.v6());
  Bytes frame(kHeadroom + wire::kEthernetHeader + ip.size());
  const wire::MutableBytes bytes = wire::MutableBytes{frame}.subspan(kHeadroom);
  wire::store_ethernet(bytes, kDirectorMac, kRouterMac,
                       v4 ? wire::EtherType::Ipv4 : wire::EtherType::Ipv6);
  std::ranges::copy(ip, bytes.begin() + wire::kEthernetHeader);
  return frame;
}

/// What stands at the fixed places of an IP header without options, and the ports behind it.
struct PacketEnds {
  IpAddr source{};
  IpAddr destination{};
  Port source_port{};
  Port destination_port{};
  std::uint8_t protocol = 0;
  std::size_t transport = 0;
};
PacketEnds ends_of(wire::ConstBytes frame) {
  const wire::ConstBytes ip = frame.subspan(wire::kEthernetHeader);
  const bool v4 = ip[0] / 16 == 4;
  const auto address = [&](std::size_t at) -> IpAddr {
    if (v4) return Ipv4Addr{wire::load_be32(ip, at)};
    std::array<std::uint8_t, 16> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = ip[at + i];
    return Ipv6Addr{octets};
  };
  const std::size_t transport = v4 ? 20 : 40;
  return {address(v4 ? 12 : 8),
          address(v4 ? 16 : 24),
          Port{wire::load_be16(ip, transport)},
          Port{wire::load_be16(ip, transport + 2)},
          ip[v4 ? 9 : 6],
          wire::kEthernetHeader + transport};
}

/// Where the model says "the host's stack gets it", the engine may answer in its place as the host
/// would: an RST, or port unreachable to a datagram that is never scheduled.
bool is_never_scheduled(const ModelPacket& packet) { return packet.source_port == Port{20}; }
std::string left_to_host(const ModelPacket& packet) {
  if (packet.protocol == Protocol::Tcp) return "host, or RST in its place";
  return is_never_scheduled(packet) ? "host, or port unreachable in its place" : "host";
}

std::string remaining_text(std::uint64_t ticks) {
  return ticks <= 1 ? "ending" : std::to_string(ticks);
}

std::string protocol_text(Protocol protocol) {
  return protocol == kAnyProtocol ? "IP" : to_string(protocol);
}

}  // namespace

EngineUnderTest::EngineUnderTest(Tick start)
    : now_(start),
      engine_({.connections = 4096, .answers_per_second = 1000000}, {.hash_key = {3, 5}},
              kSchedulers, start) {
  back_ = engine_.add_next_hop({.link = {1}, .source = kDirectorMac, .mtu = 1500, .resolved = true})
              .value();
}

NextHopId EngineUnderTest::hop_of(const ServiceKey& service, const IpAddr& address) {
  const auto found = hops_.find({service, address});
  if (found != hops_.end()) return found->second;
  const auto number = static_cast<std::uint8_t>(hops_.size() + 1);
  // Next hops that are alike may get one id: a MAC address of its own keeps them apart.
  const NextHop hop{
      .link = {2},
      .source = kDirectorMac,
      .destination = MacAddr{{0x02, 0, 0, 1, 0, number}},
      .own_address = address.is_v4() ? IpAddr{Ipv4Addr(192, 168, 0, 1)} : IpAddr{kVip6},
      .mtu = 1500,
      .resolved = true};
  const NextHopId id = engine_.add_next_hop(hop).value();
  servers_by_hop_[id] = address;
  return hops_[{service, address}] = id;
}

bool EngineUnderTest::command(const Step& step) {
  const ServiceKey& key = step.service.key;
  ServerConfig server = step.server;
  server.port = server_port_in(key, server);
  const bool about_server =
      step.kind == Step::Kind::AddServer || step.kind == Step::Kind::EditServer;
  if (about_server && server.method != ForwardMethod::Local)
    server.next_hop = hop_of(key, server.address);
  switch (step.kind) {
    case Step::Kind::AddService:
      return engine_.add_service(step.service).has_value();
    case Step::Kind::EditService:
      return engine_.edit_service(step.service).has_value();
    case Step::Kind::RemoveService:
      return engine_.remove_service(key, now_).has_value();
    case Step::Kind::AddServer:
      return engine_.add_server(key, server).has_value();
    case Step::Kind::EditServer:
      return engine_.edit_server(key, server).has_value();
    case Step::Kind::RemoveServer:
      return engine_.remove_server(key, server.address, server.port, now_).has_value();
    case Step::Kind::Settings:
      engine_.set_settings(step.settings);
      return true;
    default:
      return false;
  }
}

void EngineUnderTest::wait(Ticks length) {
  for (std::uint32_t tick = 0; tick < length.number; ++tick) {
    now_ = now_ + Ticks{1};
    while (engine_.expire(now_, 64)) {
    }
  }
}

std::string EngineUnderTest::packet(const ModelPacket& packet) {
  Bytes memory = make_frame_of(packet);
  for (int attempt = 0;; ++attempt) {
    Frame frame{.bytes = wire::MutableBytes{memory}.subspan(kHeadroom),
                .headroom = kHeadroom,
                .ingress = {1},
                .mark = packet.mark};
    const Verdict verdict = engine_.process(frame, now_, scratch_);
    if (verdict.action != Action::Wait || attempt == 1) {
      engine_.count(verdict);
      return outcome(verdict, frame, packet);
    }
    for (const IpAddr& client : engine_.take_wanted_routes()) engine_.set_route(client, back_);
  }
}

std::string EngineUnderTest::outcome(const Verdict& verdict, const Frame& frame,
                                     const ModelPacket& packet) const {
  switch (verdict.action) {
    case Action::Forward:
      return forwarded(verdict, frame);
    case Action::Local:
      return "local";
    case Action::Kernel:
      return left_to_host(packet);
    case Action::Answer: {
      const std::string told = answer(verdict);
      const bool in_place = packet.protocol == Protocol::Udp && is_never_scheduled(packet) &&
                            told.starts_with("port unreachable");
      return told == "RST" || in_place ? left_to_host(packet) : told;
    }
    case Action::Drop:
      if (verdict.reason == DropReason::ServerGone) return "drop";
      if (verdict.reason == DropReason::NoConnection) return left_to_host(packet);
      return "drop, " + std::string(name(verdict.reason));
    case Action::Wait:
      return "wait, " + std::string(name(verdict.reason));
  }
  return "";
}

std::string EngineUnderTest::forwarded(const Verdict& verdict, const Frame& frame) const {
  const PacketEnds ends = ends_of(frame.bytes);
  if (verdict.next_hop == back_)
    return "reply from " + endpoint_text(ends.source, ends.source_port);
  const auto server = servers_by_hop_.find(verdict.next_hop);
  if (server == servers_by_hop_.end()) return "forward by an unknown next hop";
  const std::string to = "forward to " + to_string(server->second);
  if (verdict.outer_length != 0) return to + " in a tunnel to " + to_string(ends.destination);
  return to + " as " + endpoint_text(ends.destination, ends.destination_port);
}

std::string EngineUnderTest::answer(const Verdict& verdict) const {
  const wire::ConstBytes frame = wire::ConstBytes{scratch_}.first(verdict.answer_length);
  const PacketEnds ends = ends_of(frame);
  if (ends.protocol == static_cast<std::uint8_t>(Protocol::Tcp)) return "RST";
  const bool unreachable = ends.protocol == static_cast<std::uint8_t>(Protocol::Icmp)
                               ? frame[ends.transport] == 3 && frame[ends.transport + 1] == 3
                               : frame[ends.transport] == 1 && frame[ends.transport + 1] == 4;
  return (unreachable ? "port unreachable from " : "another answer from ") +
         to_string(ends.source) + " to " + to_string(ends.destination);
}

std::vector<std::string> EngineUnderTest::servers() const {
  std::vector<std::string> lines;
  for (const ServiceStatus& service : engine_.services()) {
    std::string line = text_of(service.config.key) + ' ' + service.config.scheduler + ':';
    for (const ServerStatus& server : service.servers)
      line += ' ' + endpoint_text(server.config.address, server.config.port) + " weight " +
              std::to_string(server.config.weight) + " active " + std::to_string(server.active) +
              " inactive " + std::to_string(server.inactive) + " templates " +
              std::to_string(server.persistent) + ',';
    lines.push_back(line);
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> EngineUnderTest::connections() const {
  std::vector<ConnectionStatus> all;
  std::uint32_t position = 0;
  do {
    position = engine_.connections(position, 64, now_, all);
  } while (position != 0);
  std::vector<std::string> lines;
  for (const ConnectionStatus& it : all) {
    const std::string virtual_end = it.protocol == kAnyProtocol
                                        ? "mark:" + std::to_string(it.vip_port.number)
                                        : endpoint_text(it.vip, it.vip_port);
    lines.push_back((it.is_template ? "template " : "") + protocol_text(it.protocol) + ' ' +
                    endpoint_text(it.client, it.client_port) + ' ' + virtual_end + ' ' +
                    endpoint_text(it.server, it.server_port) + ' ' + std::string(it.state) + ' ' +
                    remaining_text(it.expires_in.number));
  }
  std::ranges::sort(lines);
  return lines;
}

std::string outcome_text(const ModelVerdict& verdict, const ModelPacket& packet) {
  switch (verdict.kind) {
    case ModelVerdict::Kind::Forward: {
      const IpAddr& server = verdict.server->config.address;
      const std::string to = "forward to " + to_string(server);
      if (verdict.method == ForwardMethod::Local) return "local";
      if (verdict.method == ForwardMethod::Tunnel)
        return to + " in a tunnel to " + to_string(server);
      if (verdict.method == ForwardMethod::Masq)
        return to + " as " + endpoint_text(server, verdict.server_port);
      return to + " as " + endpoint_text(packet.destination, packet.destination_port);
    }
    case ModelVerdict::Kind::Reply:
      return "reply from " + endpoint_text(verdict.vip, verdict.vip_port);
    case ModelVerdict::Kind::Unreachable:
      return "port unreachable from " + to_string(packet.destination) + " to " +
             to_string(packet.source);
    case ModelVerdict::Kind::Drop:
      return "drop";
    case ModelVerdict::Kind::Host:
      return left_to_host(packet);
  }
  return "";
}

std::vector<std::string> server_lines(const IpvsModel& model) {
  std::vector<std::string> lines;
  for (const auto& [key, service] : model.services()) {
    std::string line = text_of(key) + ' ' + service.config.scheduler + ':';
    for (const ServerPointer& server : service.servers)
      line += ' ' + endpoint_text(server->config.address, server->config.port) + " weight " +
              std::to_string(server->config.weight) + " active " + std::to_string(server->active) +
              " inactive " + std::to_string(server->inactive) + " templates " +
              std::to_string(server->persistent) + ',';
    lines.push_back(line);
  }
  std::ranges::sort(lines);
  return lines;
}

std::vector<std::string> connection_lines(const IpvsModel& model) {
  std::vector<std::string> lines;
  for (const ConnectionPointer& it : model.connections()) {
    const ConnectionKey& key = it->key;
    const std::string virtual_end = key.protocol == kAnyProtocol
                                        ? "mark:" + std::to_string(key.vip_port.number)
                                        : endpoint_text(key.vip, key.vip_port);
    lines.push_back((key.is_template ? "template " : "") + protocol_text(key.protocol) + ' ' +
                    endpoint_text(key.client, key.client_port) + ' ' + virtual_end + ' ' +
                    endpoint_text(it->server->config.address, it->server_port) + ' ' + it->state +
                    ' ' + remaining_text(it->expires - model.now()));
  }
  std::ranges::sort(lines);
  return lines;
}

}  // namespace lvs::test
