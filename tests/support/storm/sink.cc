#include "tests/support/storm/sink.h"

#include <algorithm>

#include "net/wire/describe.h"
#include "tests/support/packets.h"
#include "tests/support/reference_sums.h"
#include "tests/support/storm/packets.h"

namespace lvs::test {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// Fragments of one datagram come together; ids come again much later.
constexpr std::size_t kRememberedDatagrams = 1024;

std::ptrdiff_t at(std::size_t position) { return static_cast<std::ptrdiff_t>(position); }
bool is_v4(const Bytes& packet) { return packet[0] / 16 == 4; }

/// The IP packet in a frame, without Ethernet's padding; empty where there is none.
Bytes packet_of(wire::ConstBytes frame, std::size_t ethernet_header) {
  if (frame.size() < ethernet_header + 20) return {};
  Bytes packet(frame.begin() + at(ethernet_header), frame.end());
  const std::size_t length =
      is_v4(packet) ? wire::load_be16(packet, 2) : std::size_t{40} + wire::load_be16(packet, 4);
  if (length > packet.size()) return {};
  packet.resize(length);
  return packet;
}

Bytes destination_of(const Bytes& packet) {
  return is_v4(packet) ? Bytes(packet.begin() + 16, packet.begin() + 20)
                       : Bytes(packet.begin() + 24, packet.begin() + 40);
}

/// What a card does, from checksum_start to the packet's end.
void finish_as_card(Bytes& packet, const StormCard& card, std::size_t ethernet_header) {
  const std::size_t start = card.checksum_start - ethernet_header;
  const std::uint16_t sum = reference_checksum({packet.begin() + at(start), packet.end()});
  wire::store_be16(packet, start + card.checksum_offset, sum == 0 ? std::uint16_t{0xffff} : sum);
}

/// Where the data of a fragment stands, and what of the whole it is.
struct Piece {
  std::size_t header = 0;
  std::size_t data = 0;
  std::size_t offset = 0;
  bool more = false;
};
Piece piece_of(const Bytes& packet) {
  if (is_v4(packet)) {
    const std::uint16_t field = wire::load_be16(packet, 6);
    const std::size_t header = std::size_t{4} * (packet[0] % 16u);
    return {header, header, std::size_t{8} * (field & 0x1fffu), (field & 0x2000) != 0};
  }
  const std::uint16_t field = wire::load_be16(packet, 42);
  return {40, 48, std::size_t{field} & 0xfff8u, (field & 1) != 0};
}

Bytes whole_of(const Bytes& first, const Bytes& data) {
  const Piece piece = piece_of(first);
  Bytes whole(first.begin(), first.begin() + at(piece.header));
  if (!is_v4(first)) whole[6] = first[40];
  whole.insert(whole.end(), data.begin(), data.end());
  if (is_v4(first)) {
    wire::store_be16(whole, 2, static_cast<std::uint16_t>(whole.size()));
    wire::store_be16(whole, 6, 0);
    wire::store_be16(whole, 10, 0);
    wire::store_be16(whole, 10,
                     reference_checksum({whole.begin(), whole.begin() + at(piece.header)}));
  } else {
    wire::store_be16(whole, 4, static_cast<std::uint16_t>(whole.size() - 40));
  }
  return whole;
}

}  // namespace

bool is_broken(const Bytes& packet) {
  return is_v4(packet) ? (packet[4] & 0x80) != 0 : (packet[1] & 0x08) != 0;
}

StormSink::StormSink(const StormCluster& cluster) {
  for (const StormCluster::Server& server : cluster.servers) {
    if (server.config.method != director::ForwardMethod::Tunnel) continue;
    const IpAddr& address = server.config.address;
    Bytes bytes(address.is_v4() ? 4 : 16);
    if (address.is_v4()) {
      wire::store_be32(bytes, 0, address.v4().number());
    } else {
      std::ranges::copy(address.v6().octets(), bytes.begin());
    }
    tunnel_ends_.insert(bytes);
  }
}

std::string StormSink::take(wire::ConstBytes frame, const StormCard& card) {
  if (frame.size() < 14) return "shorter than an Ethernet header";
  const std::size_t header = wire::load_be16(frame, 12) == 0x8100 ? 18 : 14;
  Bytes packet = packet_of(frame, header);
  if (packet.empty()) return "no whole IP packet";
  std::string wrong = judge(std::move(packet), card, header);
  return wrong.empty() ? wrong : wrong + ": " + wire::describe(frame);
}

bool StormSink::is_tunnel(const Bytes& packet) const {
  return tunnel_ends_.contains(destination_of(packet));
}

std::string StormSink::judge(Bytes packet, const StormCard& card, std::size_t ethernet_header) {
  if (is_v4(packet)) {
    const std::size_t header = std::size_t{4} * (packet[0] % 16u);
    if (reference_checksum({packet.begin(), packet.begin() + at(header)}) != 0)
      return "wrong sum of the IPv4 header";
  }
  const bool wrapped = is_tunnel(packet);
  if (!wrapped && is_broken(packet)) return {};
  if (reference_layout(packet).fragment) return judge_fragment(packet);
  if (wrapped) return judge_tunnel(packet);
  if (card.unfinished) finish_as_card(packet, card, ethernet_header);
  if (!has_right_checksums(packet)) return "wrong checksum";
  ++whole_packets_;
  return {};
}

std::string StormSink::judge_fragment(const Bytes& packet) {
  const Piece piece = piece_of(packet);
  if (fragments_.size() > kRememberedDatagrams) fragments_.clear();
  const bool v4 = is_v4(packet);
  Datagram key = destination_of(packet);
  key.insert(key.end(), packet.begin() + (v4 ? 12 : 8), packet.begin() + (v4 ? 16 : 24));
  key.insert(key.end(), packet.begin() + (v4 ? 4 : 44), packet.begin() + (v4 ? 6 : 48));
  key.push_back(v4 ? packet[9] : packet[40]);
  std::map<std::size_t, Bytes>& pieces = fragments_[key];
  pieces[piece.offset] = packet;
  Bytes data;
  for (const auto& [offset, bytes] : pieces) {
    if (offset != data.size()) return {};  // one is missing
    data.insert(data.end(), bytes.begin() + at(piece_of(bytes).data), bytes.end());
  }
  if (piece_of(pieces.rbegin()->second).more) return {};
  Bytes whole = whole_of(pieces.begin()->second, data);
  fragments_.erase(key);
  const std::string wrong = judge(std::move(whole), {}, 0);
  return wrong.empty() ? wrong : wrong + ", put together from fragments";
}

std::string StormSink::judge_tunnel(const Bytes& packet) {
  const std::size_t header = is_v4(packet) ? 20 : 40;
  const unsigned protocol = is_v4(packet) ? packet[9] : packet[6];
  std::size_t layer = 0;
  if (protocol == 17) {
    if (!has_right_checksums(packet) &&
        !(is_v4(packet) && wire::load_be16(packet, header + 6) == 0))
      return "wrong checksum of GUE's UDP";
    layer = 8 + 4 + std::size_t{4} * (packet[header + 8] & 0x1fu);
  } else if (protocol == 47) {
    const bool summed = (packet[header] & 0x80) != 0;
    if (summed && reference_checksum({packet.begin() + at(header), packet.end()}) != 0)
      return "wrong checksum of GRE";
    layer = summed ? 8 : 4;
  }
  Bytes inner = packet_of(packet, header + layer);
  if (inner.empty()) return "no whole packet in the tunnel";
  const std::string wrong = judge(std::move(inner), {}, 0);
  return wrong.empty() ? wrong : wrong + ", in a tunnel";
}

}  // namespace lvs::test
