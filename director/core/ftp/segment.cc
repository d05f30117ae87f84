#include "director/core/ftp/segment.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "net/wire/checksum.h"
#include "net/wire/checksum_change.h"
#include "net/wire/finish.h"

namespace lvs::director {
namespace {

using namespace wire::transport_field;

void set_total_length(const wire::Ipv4View& ip, wire::MutableBytes header, std::size_t length) {
  const auto value = static_cast<std::uint16_t>(length);
  const std::uint16_t checksum =
      wire::adjust16(ip.checksum(), wire::load_be16(header, wire::ipv4_field::kTotalLength), value);
  wire::store_be16(header, wire::ipv4_field::kTotalLength, value);
  wire::store_be16(header, wire::ipv4_field::kChecksum, checksum);
}
void set_total_length(const wire::Ipv6View& /*ip*/, wire::MutableBytes header, std::size_t length) {
  wire::store_be16(header, wire::ipv6_field::kPayloadLength,
                   static_cast<std::uint16_t>(length - wire::ipv6_field::kHeader));
}

/// Where the IP packet begins in the frame.
template <typename Addr>
std::size_t packet_offset(const Packet<Addr>& packet, const Frame& frame) {
  return static_cast<std::size_t>(packet.ip.bytes().data() - frame.bytes.data());
}

/// Room behind the packet without moving anything: padding of Ethernet, and the tailroom.
template <typename Addr>
std::size_t room_behind(const Packet<Addr>& packet, const Frame& frame) {
  const std::size_t end = packet_offset(packet, frame) + packet.ip.bytes().size();
  return frame.bytes.size() - end + frame.tailroom;
}

/// Moves the whole frame towards its front, so that there is room behind it.
void move_forward(Frame& frame, std::size_t length) {
  const wire::MutableBytes moved{frame.bytes.data() - length, frame.bytes.size()};
  std::copy(frame.bytes.begin(), frame.bytes.end(), moved.begin());
  frame.bytes = moved;
  frame.headroom -= length;
  frame.tailroom += length;
}

/// Sets the end of the frame; the bytes behind it may be anything.
void set_length(Frame& frame, std::size_t length) {
  frame.tailroom = frame.tailroom + frame.bytes.size() - length;
  frame.bytes = {frame.bytes.data(), length};
}

/// Stores four bytes of the TCP header, at an even place.
template <typename Addr>
void store_number(const Packet<Addr>& packet, std::size_t at, std::uint32_t number) {
  const wire::MutableBytes tcp = packet.transport.bytes();
  const std::uint32_t before = wire::load_be32(tcp, at);
  wire::store_be32(tcp, at, number);
  if (packet.offload.checksum_unfinished) return;  // it covers the pseudo-header alone
  wire::store_be16(tcp, kTcpChecksum,
                   wire::adjust32(wire::load_be16(tcp, kTcpChecksum), before, number));
}

template <typename Addr>
void store_byte(const Packet<Addr>& packet, std::size_t at, std::uint8_t value) {
  const wire::MutableBytes tcp = packet.transport.bytes();
  const std::size_t word = at / 2 * 2;
  const std::uint16_t before = wire::load_be16(tcp, word);
  tcp[at] = value;
  if (packet.offload.checksum_unfinished) return;
  wire::store_be16(
      tcp, kTcpChecksum,
      wire::adjust16(wire::load_be16(tcp, kTcpChecksum), before, wire::load_be16(tcp, word)));
}

/// Where SACK-permitted stands in the TCP header.
std::optional<std::size_t> find_sack_permitted(wire::ConstBytes header) {
  constexpr std::uint8_t end_of_options = 0;
  constexpr std::uint8_t no_operation = 1;
  constexpr std::uint8_t sack_permitted = 4;
  std::size_t at = kTcpMinHeader;
  while (at < header.size() && header[at] != end_of_options) {
    if (header[at] == no_operation) {
      ++at;
      continue;
    }
    if (at + 1 >= header.size() || header[at + 1] < 2) return std::nullopt;
    if (header[at] == sack_permitted && header[at + 1] == 2) return at;
    at += header[at + 1];
  }
  return std::nullopt;
}

}  // namespace

template <typename Addr>
bool has_right_checksum(const Packet<Addr>& packet) {
  return packet.offload.checksum_unfinished || wire::transport_sum(packet.ip) == 0xffff;
}

template <typename Addr>
bool has_room(const Packet<Addr>& packet, const Frame& frame, std::size_t growth) {
  constexpr std::size_t longest_of_ip = 65535;
  return packet.ip.bytes().size() + growth <= longest_of_ip &&
         growth <= room_behind(packet, frame) + frame.headroom;
}

template <typename Addr>
void replace_payload(const Packet<Addr>& packet, Frame& frame,
                     const FtpStream::Replacement& replacement) {
  const std::size_t before = packet.ip.bytes().size();
  const std::size_t after = before - replacement.removed + replacement.inserted.size();
  const std::size_t start = packet_offset(packet, frame);
  const auto text =
      static_cast<std::size_t>(packet.transport.payload().data() - packet.ip.bytes().data()) +
      replacement.offset;
  set_total_length(packet.ip, packet.ip.bytes(), after);
  const std::size_t room = room_behind(packet, frame);
  if (after > before && after - before > room) move_forward(frame, after - before - room);
  set_length(frame, start + std::max(before, after));

  const wire::MutableBytes bytes = frame.bytes.subspan(start);
  const wire::MutableBytes rest =
      bytes.subspan(text + replacement.removed, before - text - replacement.removed);
  std::uint8_t* const to = bytes.data() + text + replacement.inserted.size();
  if (after > before) {
    std::copy_backward(rest.begin(), rest.end(), to + rest.size());
  } else {
    std::copy(rest.begin(), rest.end(), to);
  }
  std::ranges::copy(replacement.inserted, bytes.data() + text);
  set_length(frame, start + after);
}

template <typename Addr>
Packet<Addr> reread(const Frame& frame) {
  const auto ethernet = wire::EthernetView::parse(frame.bytes);
  const Parsed<Addr> parsed = parse_packet<Addr>(*ethernet, frame.offload);
  assert(parsed.packet);
  return *parsed.packet;
}

template <typename Addr>
void restore_checksum(const Packet<Addr>& packet) {
  if (!packet.offload.checksum_unfinished) {
    wire::finish_transport(packet.ip);
    return;
  }
  const wire::MutableBytes tcp = packet.transport.bytes();
  wire::store_be16(tcp, kTcpChecksum,
                   wire::fold(wire::pseudo_header_words(packet.ip.source(), packet.ip.destination(),
                                                        Protocol::Tcp, tcp.size())));
}

template <typename Addr>
void set_sequence(const Packet<Addr>& packet, std::uint32_t sequence) {
  store_number(packet, kTcpSequence, sequence);
}
template <typename Addr>
void set_acknowledgement(const Packet<Addr>& packet, std::uint32_t acknowledgement) {
  store_number(packet, kTcpAcknowledgement, acknowledgement);
}

template <typename Addr>
void hide_sack_permitted(const Packet<Addr>& packet) {
  constexpr std::uint8_t no_operation = 1;
  const wire::ConstBytes header = packet.transport.bytes().first(packet.transport.header_length());
  const std::optional<std::size_t> at = find_sack_permitted(header);
  if (!at) return;
  store_byte(packet, *at, no_operation);
  store_byte(packet, *at + 1, no_operation);
}

#define LVS_INSTANTIATE(Addr)                                                                \
  template bool has_right_checksum(const Packet<Addr>&);                                     \
  template bool has_room(const Packet<Addr>&, const Frame&, std::size_t);                    \
  template void replace_payload(const Packet<Addr>&, Frame&, const FtpStream::Replacement&); \
  template Packet<Addr> reread(const Frame&);                                                \
  template void restore_checksum(const Packet<Addr>&);                                       \
  template void set_sequence(const Packet<Addr>&, std::uint32_t);                            \
  template void set_acknowledgement(const Packet<Addr>&, std::uint32_t);                     \
  template void hide_sack_permitted(const Packet<Addr>&);
LVS_INSTANTIATE(Ipv4Addr)
LVS_INSTANTIATE(Ipv6Addr)
#undef LVS_INSTANTIATE

}  // namespace lvs::director
