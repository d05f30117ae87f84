#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "director/core/engine.h"
#include "tests/support/frames.h"

namespace lvs::test {

/// An engine with one service at 10.0.0.1:80 (tcp) and one at 10.0.0.1:53 (udp), a virtual clock
/// and the frames to ask it with.
struct EngineBench {
  explicit EngineBench(const director::EngineLimits& limits = {.connections = 256})
      : engine(limits, {}, director::kSchedulers, now) {
    hop = engine.add_next_hop(hop_value).value();
    engine.add_service(tcp).value();
    engine.add_service(udp).value();
  }

  director::ServerConfig server(std::uint8_t last_octet, std::uint32_t weight = 1) const {
    return {.address = Ipv4Addr(192, 168, 10, last_octet),
            .port = Port{80},
            .name = "rs" + std::to_string(last_octet),
            .weight = weight,
            .next_hop = hop};
  }
  void add(const director::ServerConfig& config) { engine.add_server(tcp.key, config).value(); }

  /// As a carrier does: `frame` becomes what is to be sent; an outer header is in front of it then.
  director::Verdict process(Bytes& frame, const director::Offload& offload = {}) {
    const director::Verdict verdict = process_uncounted(frame, offload);
    engine.count(verdict);
    return verdict;
  }
  director::Verdict process_uncounted(Bytes& frame, const director::Offload& offload = {}) {
    Bytes memory(director::kHeadroom + frame.size());
    std::copy(frame.begin(), frame.end(), memory.begin() + director::kHeadroom);
    director::Frame given{.bytes = wire::MutableBytes{memory}.subspan(director::kHeadroom),
                          .headroom = director::kHeadroom,
                          .ingress = {1},
                          .offload = offload,
                          .mark = mark};
    const director::Verdict verdict = engine.process(given, now, scratch);
    frame.assign(given.bytes.begin(), given.bytes.end());
    return verdict;
  }
  director::Verdict send(const FrameSpec& spec) {
    Bytes frame = make_frame(spec);
    return process(frame);
  }
  /// The frame that the last Answer put into the scratch buffer.
  wire::ConstBytes answer(const director::Verdict& verdict) const {
    return wire::ConstBytes{scratch}.first(verdict.answer_length);
  }
  void pass(Ticks length) {
    now = now + length;
    while (engine.expire(now, 64)) {
    }
  }
  /// All connections, as "client-port server state" each.
  std::vector<director::ConnectionStatus> connections() const {
    std::vector<director::ConnectionStatus> all;
    std::uint32_t position = 0;
    do {
      position = engine.connections(position, 16, now, all);
    } while (position != 0);
    return all;
  }
  director::ServiceStatus status() const { return status(tcp.key); }
  director::ServiceStatus status(const director::ServiceKey& key) const {
    for (director::ServiceStatus& service : engine.services())
      if (service.config.key == key) return service;
    return {};
  }
  /// The kernel knows the way back to a client: by a next hop of its own.
  director::NextHopId route_to(const IpAddr& client) {
    if (back.number == 0) back = engine.add_next_hop(back_value).value();
    engine.set_route(client, back);
    return back;
  }

  director::ServiceConfig tcp{
      .key = {Protocol::Tcp, Ipv4Addr(10, 0, 0, 1), Port{80}}, .name = "web", .scheduler = "rr"};
  director::ServiceConfig udp{
      .key = {Protocol::Udp, Ipv4Addr(10, 0, 0, 1), Port{53}}, .name = "dns", .scheduler = "rr"};
  director::NextHop hop_value{.link = {2},
                              .source = kDirectorMac,
                              .destination = MacAddr{{0x02, 0, 0, 0, 0, 0x11}},
                              .own_address = IpAddr{Ipv4Addr(192, 168, 10, 1)},
                              .mtu = 1500,
                              .resolved = true};
  director::NextHop back_value{.link = {1},
                               .source = kDirectorMac,
                               .destination = kRouterMac,
                               .own_address = IpAddr{Ipv4Addr(10, 0, 0, 254)},
                               .mtu = 1500,
                               .resolved = true};
  std::uint32_t mark = 0;  ///< that frames bring along
  Tick now{5000};
  director::Engine engine;
  director::NextHopId hop{};
  director::NextHopId back{};
  std::array<std::uint8_t, director::Engine::kAnswerBytes> scratch{};
};

}  // namespace lvs::test
