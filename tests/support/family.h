#pragma once

#include <vector>

#include "director/core/engine.h"
#include "net/wire/ethernet.h"
#include "tests/support/engine_bench.h"
#include "tests/support/packets.h"

// The engine's bench with packets of either family: client 192.0.2.1 or 2001:db8:1::5, VIP
// 203.0.113.10 or 2001:db8:ffff::80, server 10.0.0.11 or fd00::1234:0:0:11.

namespace lvs::test {

/// A packet in a frame from the router to the director.
inline Bytes frame_of(const std::vector<std::uint8_t>& packet) {
  Bytes frame(wire::kEthernetHeader);
  wire::store_ethernet(frame, kDirectorMac, kRouterMac,
                       packet[0] >> 4 == 4 ? wire::EtherType::Ipv4 : wire::EtherType::Ipv6);
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}
inline std::vector<std::uint8_t> packet_in(const Bytes& frame) {
  return {frame.begin() + wire::kEthernetHeader, frame.end()};
}

template <typename Addr>
director::ServiceConfig service_of(Protocol protocol, Port port = Port{80}) {
  director::ServiceConfig config;
  config.key = {protocol, Ends<Addr>::kVip, port};
  config.scheduler = "rr";
  return config;
}
template <typename Addr>
director::ServerConfig server_of(director::ForwardMethod method, const EngineBench& bench,
                                 Port port = Port{8080}) {
  director::ServerConfig config;
  config.address = Ends<Addr>::kServer;
  config.port = port;
  config.method = method;
  config.next_hop = bench.hop;
  return config;
}

/// One service of this protocol at the family's VIP, port 80, with one server at port 8080.
template <typename Addr>
struct FamilyBench : EngineBench {
  explicit FamilyBench(Protocol protocol = Protocol::Tcp,
                       director::ForwardMethod method = director::ForwardMethod::Masq,
                       const director::EngineLimits& limits = {.connections = 256})
      : EngineBench(limits), service(service_of<Addr>(protocol)) {
    engine.add_service(service).value();
    engine.add_server(service.key, server_of<Addr>(method, *this)).value();
  }
  /// What becomes of a packet, and the packet that leaves.
  director::Verdict pass_packet(std::vector<std::uint8_t>& packet,
                                const director::Offload& offload = {}) {
    Bytes frame = frame_of(packet);
    const director::Verdict verdict = process(frame, offload);
    packet = packet_in(frame);
    last = frame;
    return verdict;
  }
  /// The same for one that nobody looks at afterwards.
  director::Verdict pass_packet(const PacketSpec<Addr>& spec) {
    std::vector<std::uint8_t> packet = make_packet(spec);
    return pass_packet(packet);
  }
  PacketSpec<Addr> request(std::uint8_t flags = wire::tcp_flag::kSyn) const {
    PacketSpec<Addr> spec = request_spec<Addr>(service.key.protocol, 0);
    spec.tcp_flags = flags;
    return spec;
  }
  PacketSpec<Addr> reply(std::uint8_t flags = wire::tcp_flag::kSyn | wire::tcp_flag::kAck) const {
    PacketSpec<Addr> spec;
    spec.source = Ends<Addr>::kServer;
    spec.destination = Ends<Addr>::kClient;
    spec.source_port = Port{8080};
    spec.destination_port = Port{40000};
    spec.protocol = service.key.protocol;
    spec.tcp_flags = flags;
    return spec;
  }

  director::ServiceConfig service;
  Bytes last;  ///< the frame that pass_packet() left
};

}  // namespace lvs::test
