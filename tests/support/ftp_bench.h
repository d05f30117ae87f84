#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/family.h"

// An FTP control connection through an engine: client 192.0.2.1:40000 (or 2001:db8:1::5), VIP
// 203.0.113.10:21, server 10.0.0.11:21, and the segments that both ends send and get.

namespace lvs::test {

/// A TCP segment without its addresses.
struct TcpSegment {
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  std::uint8_t flags = wire::tcp_flag::kAck;
  std::string text{};
  std::vector<std::uint8_t> options{};  ///< a multiple of four bytes
};

/// One with its addresses.
template <typename Addr>
struct SeenSegment : TcpSegment {
  Addr source{};
  Addr destination{};
  Port source_port{};
  Port destination_port{};
  bool has_right_checksums = false;
};

template <typename Addr>
std::vector<std::uint8_t> make_segment(const SeenSegment<Addr>& segment) {
  PacketSpec<Addr> spec;
  spec.source = segment.source;
  spec.destination = segment.destination;
  spec.source_port = segment.source_port;
  spec.destination_port = segment.destination_port;
  spec.tcp_flags = segment.flags;
  spec.payload = segment.options.size() + segment.text.size();
  std::vector<std::uint8_t> packet = make_packet(spec);
  const std::size_t tcp = packet.size() - spec.payload - 20;
  wire::store_be32(packet, tcp + 4, segment.sequence);
  wire::store_be32(packet, tcp + 8, segment.acknowledgement);
  packet[tcp + 12] = static_cast<std::uint8_t>((5 + segment.options.size() / 4) << 4);
  const auto options = packet.end() - static_cast<std::ptrdiff_t>(spec.payload);
  std::ranges::copy(segment.text, std::ranges::copy(segment.options, options).out);
  finish_packet(packet);
  return packet;
}

template <typename Addr>
SeenSegment<Addr> read_segment(std::vector<std::uint8_t> packet) {
  const auto ip = *wire::IpView<Addr>::parse(packet);
  const auto tcp = *wire::TransportView::parse(ip);
  SeenSegment<Addr> seen;
  seen.sequence = tcp.sequence();
  seen.acknowledgement = tcp.acknowledgement();
  seen.flags = tcp.tcp_flags();
  seen.text.assign(tcp.payload().begin(), tcp.payload().end());
  const auto options = tcp.bytes().first(tcp.header_length()).subspan(20);
  seen.options.assign(options.begin(), options.end());
  seen.source = ip.source();
  seen.destination = ip.destination();
  seen.source_port = tcp.source_port();
  seen.destination_port = tcp.destination_port();
  seen.has_right_checksums = has_right_checksums(packet);
  return seen;
}

template <typename Addr>
struct FtpBench : EngineBench {
  using Seen = SeenSegment<Addr>;
  static constexpr Addr kClient = Ends<Addr>::kClient;
  static constexpr Addr kVip = Ends<Addr>::kVip;
  static constexpr Addr kServer = Ends<Addr>::kServer;
  static constexpr Port kClientPort{40000};

  explicit FtpBench(const director::EngineLimits& limits = {.connections = 256},
                    director::ForwardMethod method = director::ForwardMethod::Masq,
                    Port server_port = Port{21})
      : EngineBench(limits),
        service(service_of<Addr>(Protocol::Tcp, Port{21})),
        control_port(server_port) {
    engine.add_service(service).value();
    engine.add_server(service.key, server_of<Addr>(method, *this, server_port)).value();
    route_to(kClient);
  }

  /// What comes out at the other end; nullopt: nothing does, see `verdict`.
  std::optional<Seen> pass_segment(const Seen& segment) {
    packet = make_segment(segment);
    return pass_made();
  }
  std::optional<Seen> pass_made(const director::Offload& offload = {}) {
    Bytes frame = frame_of(packet);
    verdict = process(frame, offload);
    packet = packet_in(frame);
    if (verdict.action != director::Action::Forward) return std::nullopt;
    return read_segment<Addr>(packet);
  }

  Seen from_client(const TcpSegment& segment) const {
    return {segment, kClient, kVip, client_port, Port{21}, true};
  }
  Seen from_server(const TcpSegment& segment) const {
    return {segment, kServer, kClient, control_port, client_port, true};
  }
  std::optional<Seen> client(const TcpSegment& segment) {
    return pass_segment(from_client(segment));
  }
  std::optional<Seen> server(const TcpSegment& segment) {
    return pass_segment(from_server(segment));
  }
  /// The three segments that a connection begins with.
  void connect() {
    using namespace wire::tcp_flag;
    client({.sequence = client_first - 1, .flags = kSyn});
    server({.sequence = server_first - 1, .acknowledgement = client_first, .flags = kSyn | kAck});
    client({.sequence = client_first, .acknowledgement = server_first});
  }
  /// A line of the server behind all that it has sent, and what the client gets to read.
  std::string server_says(std::string_view line) {
    const auto seen =
        server({.sequence = answered, .acknowledgement = 101, .text = std::string{line}});
    answered += static_cast<std::uint32_t>(line.size());
    return seen ? seen->text : "";
  }
  /// The same of the client, which the server gets to read.
  std::string client_says(std::string_view line) {
    const auto seen =
        client({.sequence = commanded, .acknowledgement = 501, .text = std::string{line}});
    commanded += static_cast<std::uint32_t>(line.size());
    return seen ? seen->text : "";
  }

  const director::FtpCounters& ftp() const { return engine.ftp_counters(); }
  /// The connection in this state.
  std::optional<director::ConnectionStatus> in_state(std::string_view state) const {
    for (const director::ConnectionStatus& status : connections())
      if (status.state == state) return status;
    return std::nullopt;
  }

  director::ServiceConfig service;
  Port control_port;
  Port client_port = kClientPort;
  // The numbers of the first byte of each.
  std::uint32_t client_first = 101;
  std::uint32_t server_first = 501;
  std::uint32_t answered = 501;
  std::uint32_t commanded = 101;
  std::vector<std::uint8_t> packet;
  director::Verdict verdict{};
};

}  // namespace lvs::test
