#include "tests/lab/flows/lines.h"

#include <array>
#include <optional>
#include <sstream>

#include "tests/support/reference_sums.h"

namespace lvs::test {
namespace {

using View = std::span<const std::uint8_t>;

std::string hash(View bytes) {
  std::uint32_t value = 0x811c9dc5;  // FNV-1a
  for (const std::uint8_t byte : bytes) value = (value ^ byte) * 0x01000193;
  std::ostringstream text;
  text << std::hex << value;
  return text.str();
}

std::string ip_text(const IpPacket& packet, bool with_length) {
  std::ostringstream text;
  text << packet.source << " > " << packet.destination << " ttl " << packet.ttl << " tos "
       << packet.tos << (packet.dont_fragment ? " df" : "");
  if (with_length && packet.is_fragment()) text << " FRAGMENT at " << packet.offset_bytes;
  if (!with_length && packet.offset_bytes != 0) text << " later fragment";
  if (with_length) text << " length " << packet.bytes.size();
  return text.str();
}

std::string options_text(View options) {
  std::string text;
  for (std::size_t i = 0; i < options.size();) {
    const unsigned kind = options[i];
    text += " " + std::to_string(kind);
    if (kind == 2) text += "=" + std::to_string(be16(options, i + 2));  // the MSS
    i += kind < 2 || i + 1 >= options.size() || options[i + 1] < 2 ? 1u : options[i + 1];
  }
  return text.empty() ? text : " options" + text;
}

namespace tcp {
constexpr unsigned kFin = 1, kSyn = 2, kRst = 4, kPsh = 8, kAck = 16;
std::size_t header_size(View segment) { return std::size_t{4} * (segment[12] >> 4u); }
View data(View segment) { return segment.subspan(header_size(segment)); }
bool is_pure_ack(View segment) {
  return (segment[13] & (kFin | kSyn | kRst)) == 0 && data(segment).empty();
}
}  // namespace tcp

/// What this hop's first packet had: numbers are shown relative to it.
struct Bases {
  std::optional<std::uint32_t> sequence{};
  std::optional<std::uint32_t> acknowledged{};
};

std::string tcp_text(View segment, Bases& bases) {
  const std::uint32_t sequence = be32(segment, 4);
  const std::uint32_t acknowledged = be32(segment, 8);
  const bool acks = (segment[13] & tcp::kAck) != 0;
  if (!bases.sequence) bases.sequence = sequence;
  // The first acknowledgement of a direction is of the SYN, whose sequence number ours is not here.
  if (!bases.acknowledged && acks) bases.acknowledged = acknowledged - 1;
  std::ostringstream text;
  text << "tcp " << be16(segment, 0) << " > " << be16(segment, 2) << " flags "
       << (segment[13] & ~tcp::kPsh);
  if (!tcp::is_pure_ack(segment)) {
    text << " seq " << sequence - *bases.sequence;
    if (acks) text << " ack " << acknowledged - *bases.acknowledged;
  }
  const View data = tcp::data(segment);
  text << options_text(segment.subspan(20, tcp::header_size(segment) - 20)) << " data "
       << data.size() << " " << hash(data);
  return text.str();
}

std::string udp_text(View datagram) {
  std::ostringstream text;
  text << "udp " << be16(datagram, 0) << " > " << be16(datagram, 2) << " length "
       << be16(datagram, 4) << " " << hash(datagram.subspan(8));
  return text.str();
}

std::string quoted_text(const IpPacket& quoted) {
  std::ostringstream text;
  const View payload = quoted.payload();
  text << "quoting " << quoted.bytes.size() << " bytes: " << ip_text(quoted, false);
  if (payload.size() >= 4)
    text << " protocol " << quoted.protocol << " " << be16(payload, 0) << " > " << be16(payload, 2);
  return text.str();
}

std::string icmp_text(const IpPacket& packet) {
  const View message = packet.payload();
  std::ostringstream text;
  text << "icmp " << unsigned{message[0]} << "/" << unsigned{message[1]};
  if (const auto quoted = read_quoted(packet)) {
    text << " word " << be32(message, 4) << " " << quoted_text(*quoted);
    return text.str();
  }
  text << " number " << be16(message, 6);
  return text.str();
}

std::string transport_text(const IpPacket& packet, Bases& bases) {
  const View payload = packet.payload();
  if (packet.is_fragment()) return hash(payload);
  if (packet.protocol == protocol::kTcp && payload.size() >= 20) return tcp_text(payload, bases);
  if (packet.protocol == protocol::kUdp && payload.size() >= 8) return udp_text(payload);
  if (payload.size() >= 8) return icmp_text(packet);
  return "cut";
}

bool is_pure_ack(const IpPacket& packet) {
  return packet.protocol == protocol::kTcp && packet.payload().size() >= 20 &&
         tcp::is_pure_ack(packet.payload());
}

Bytes without_checksum(const IpPacket& packet) {
  Bytes kept(packet.payload().begin(), packet.payload().end());
  const std::size_t at = packet.protocol == protocol::kTcp ? 16 : 6;
  if (kept.size() >= at + 2) kept[at] = kept[at + 1] = 0;
  return kept;
}

/// Of what an ICMP error quotes only the IP header's sum is judged: the recording shows that IPVS
/// turns addresses and ports of a quoted packet back and leaves its transport's sum.
void judge_quoted(const IpPacket& quoted, const std::string& what,
                  std::vector<std::string>& wrong) {
  if (quoted.version != 4) return;
  const auto end = quoted.bytes.begin() + static_cast<std::ptrdiff_t>(quoted.payload_at);
  if (reference_checksum({quoted.bytes.begin(), end}) != 0)
    wrong.push_back(what + "quoted header of " + ip_text(quoted, true));
}

/// One packet with its own sums and those of what it carries or quotes.
void judge(const IpPacket& packet, const std::string& what, std::vector<std::string>& wrong) {
  if (!packet.is_cut && !has_right_checksums(packet.bytes))
    wrong.push_back(what + ip_text(packet, true) + " protocol " + std::to_string(packet.protocol));
  if (packet.is_fragment()) return;
  if (const auto carried = read_tunnel(packet)) {
    judge(carried->inner, what + "in a tunnel: ", wrong);
    if (carried->kind.find("WRONG") != std::string::npos) wrong.push_back(what + carried->kind);
  }
  if (const auto quoted = read_quoted(packet)) judge_quoted(*quoted, what, wrong);
}

}  // namespace

Lines lines_of(const std::vector<Seen>& seen) {
  Lines lines;
  Bases bases;
  for (const Seen& one : seen) {
    std::string text;
    if (one.outer) text = ip_text(*one.outer, !one.came_in_pieces) + " " + one.tunnel + " | ";
    text += ip_text(one.packet, true) + " " + transport_text(one.packet, bases);
    if (one.pieces_differ) text += " ITS FRAGMENTS DIFFER";
    if (is_pure_ack(one.packet))
      lines.acknowledgements.insert(text);
    else
      lines.packets.push_back(text);
  }
  return lines;
}

std::vector<std::string> contents(const std::vector<Seen>& seen) {
  std::vector<std::string> all;
  for (const Seen& one : seen) {
    std::string text = "id " + std::to_string(one.packet.id) + " ";
    // Of an ICMP error the quoted packet's id says whose it is; nat rewrites the rest.
    if (const auto quoted = read_quoted(one.packet))
      text += "about id " + std::to_string(quoted->id);
    else
      text += hash(without_checksum(one.packet));
    all.push_back(text);
  }
  return all;
}

std::vector<std::string> wrong_checksums(const std::vector<IpPacket>& packets) {
  std::vector<std::string> wrong;
  for (const IpPacket& packet : packets) judge(packet, "", wrong);
  for (const Seen& one : put_together(packets))
    if (one.came_in_pieces) judge(one.packet, "put together: ", wrong);
  return wrong;
}

}  // namespace lvs::test
