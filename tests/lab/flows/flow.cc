#include "tests/lab/flows/flow.h"

#include <algorithm>
#include <optional>
#include <tuple>

#include "tests/support/reference_sums.h"

namespace lvs::test {
namespace {

using Identity = std::tuple<std::string, std::string, unsigned, std::uint32_t>;
Identity identity(const IpPacket& packet) {
  return {packet.source, packet.destination, packet.protocol, packet.id};
}

bool is_client(const std::string& address) { return address == kClient4 || address == kClient6; }

std::string name_by_ports(const IpPacket& packet) {
  const auto payload = packet.payload();
  if (payload.size() < 4) return {};
  const unsigned port = be16(payload, is_client(packet.source) ? 0 : 2);
  return (packet.protocol == protocol::kTcp ? "tcp " : "udp ") + std::to_string(port);
}

bool has_ports(unsigned number) { return number == protocol::kTcp || number == protocol::kUdp; }

bool is_echo(const IpPacket& packet) {
  const auto payload = packet.payload();
  if (payload.empty()) return false;
  if (packet.protocol == protocol::kIcmp) return payload[0] == 0 || payload[0] == 8;
  return packet.protocol == protocol::kIcmpv6 && (payload[0] == 128 || payload[0] == 129);
}

/// The name of the flow of a packet whose transport header is there; empty: of none.
std::string name_of(const IpPacket& packet) {
  if (const auto quoted = read_quoted(packet))
    return has_ports(quoted->protocol) ? name_by_ports(*quoted) : std::string{};
  if (is_echo(packet)) return "ping";
  return has_ports(packet.protocol) ? name_by_ports(packet) : std::string{};
}

/// Names fragments by their first one: only that has ports. The same for those in a tunnel.
class Namer {
 public:
  std::string name(const IpPacket& packet) {
    if (packet.offset_bytes != 0) return known_[identity(packet)];
    const auto carried = read_tunnel(packet);
    const std::string found = carried ? name(carried->inner) : name_of(packet);
    if (packet.is_fragment()) known_[identity(packet)] = found;
    return found;
  }
  /// Where the packet, or what it carries, goes. A later fragment goes where the first one went.
  bool to_server(const IpPacket& packet) {
    if (packet.offset_bytes == 0) {
      const bool found = !is_client(innermost(packet).destination);
      if (packet.is_fragment()) to_server_[identity(packet)] = found;
      return found;
    }
    const auto known = to_server_.find(identity(packet));
    return known != to_server_.end() ? known->second : !is_client(packet.destination);
  }

 private:
  std::map<Identity, std::string> known_;
  std::map<Identity, bool> to_server_;
};

/// Neighbour discovery, router solicitations, group memberships: each IPv6 host's own business.
bool is_housekeeping(const IpPacket& packet) {
  return packet.version == 6 && (packet.protocol == 0 || packet.protocol == protocol::kIcmpv6);
}

/// A packet made of all its fragments, which are in order of their offsets.
IpPacket joined(const std::vector<IpPacket>& pieces) {
  IpPacket whole = pieces.front();
  whole.bytes.resize(whole.payload_at);
  for (const IpPacket& piece : pieces) {
    const auto payload = piece.payload();
    whole.bytes.insert(whole.bytes.end(), payload.begin(), payload.end());
  }
  if (whole.version == 6) {  // the fragment header goes
    whole.bytes[6] = static_cast<std::uint8_t>(whole.protocol);
    whole.bytes.erase(whole.bytes.begin() + 40, whole.bytes.begin() + 48);
    whole.payload_at = 40;
  }
  const std::size_t length = whole.bytes.size() - (whole.version == 6 ? 40 : 0);
  const std::size_t at = whole.version == 6 ? 4 : 2;
  whole.bytes[at] = static_cast<std::uint8_t>(length >> 8);
  whole.bytes[at + 1] = static_cast<std::uint8_t>(length);
  if (whole.version == 4) {
    for (const std::size_t i : {6u, 7u, 10u, 11u}) whole.bytes[i] = 0;
    const Bytes header(whole.bytes.begin(),
                       whole.bytes.begin() + static_cast<std::ptrdiff_t>(whole.payload_at));
    const std::uint16_t sum = reference_checksum(header);
    whole.bytes[10] = static_cast<std::uint8_t>(sum >> 8);
    whole.bytes[11] = static_cast<std::uint8_t>(sum);
  }
  whole.more_fragments = false;
  return whole;
}

/// Collects fragments until a packet is whole.
class Joiner {
 public:
  struct Joined {
    IpPacket packet;
    IpPacket first_outer;  ///< of what came with the fragments
    bool differ = false;
  };
  std::optional<Joined> add(const IpPacket& piece, const IpPacket& outer) {
    auto& pieces = waiting_[identity(piece)];
    pieces.push_back({piece, outer});
    std::ranges::sort(pieces, {}, [](const Piece& p) { return p.packet.offset_bytes; });
    std::size_t next = 0;
    for (const Piece& known : pieces) {
      if (known.packet.offset_bytes != next) return std::nullopt;
      next += known.packet.payload().size();
    }
    if (pieces.back().packet.more_fragments) return std::nullopt;
    std::vector<IpPacket> packets;
    for (const Piece& known : pieces) packets.push_back(known.packet);
    Joined made{joined(packets), pieces.front().outer, differ(pieces)};
    waiting_.erase(identity(piece));
    return made;
  }
  std::vector<IpPacket> left() const {
    std::vector<IpPacket> packets;
    for (const auto& [id, pieces] : waiting_)
      for (const Piece& piece : pieces) packets.push_back(piece.packet);
    return packets;
  }

 private:
  struct Piece {
    IpPacket packet;
    IpPacket outer;
  };
  static bool differ(const std::vector<Piece>& pieces) {
    const auto fields = [](const IpPacket& p) {
      return std::tuple(p.ttl, p.tos, p.dont_fragment, p.source, p.destination, p.protocol);
    };
    return std::ranges::any_of(pieces, [&](const Piece& piece) {
      return fields(piece.packet) != fields(pieces.front().packet) ||
             fields(piece.outer) != fields(pieces.front().outer);
    });
  }

  std::map<Identity, std::vector<Piece>> waiting_;
};

}  // namespace

std::string to_text(const FlowHop& hop) {
  return hop.flow + (hop.to_server ? " to the server, " : " to the client, ") + hop.macs;
}

Sorted sort_packets(const std::vector<Packet>& packets) {
  Sorted sorted;
  Namer namer;
  for (const Packet& packet : packets) {
    const std::string macs = packet.to_mac + "<" + packet.from_mac;
    if (!packet.arp.empty()) ++sorted.arp[macs + " " + packet.arp];
    if (!packet.ip) continue;
    const std::string flow = namer.name(*packet.ip);
    if (!flow.empty())
      sorted.hops[{flow, namer.to_server(*packet.ip), macs}].push_back(*packet.ip);
    else if (!is_housekeeping(*packet.ip))
      sorted.others.push_back(macs + " " + packet.ip->source + " > " + packet.ip->destination +
                              " protocol " + std::to_string(packet.ip->protocol));
  }
  return sorted;
}

std::vector<Seen> put_together(const std::vector<IpPacket>& packets) {
  std::vector<Seen> seen;
  Joiner outers;
  Joiner inners;
  for (const IpPacket& packet : packets) {
    Seen one{.packet = packet};
    if (packet.is_fragment()) {
      auto whole = outers.add(packet, packet);
      if (!whole) continue;
      one = {.packet = whole->packet, .came_in_pieces = true, .pieces_differ = whole->differ};
    }
    if (auto carried = read_tunnel(one.packet)) {
      one.outer = one.packet;
      one.packet = std::move(carried->inner);
      one.tunnel = std::move(carried->kind);
    }
    if (one.outer && one.packet.is_fragment()) {
      auto whole = inners.add(one.packet, *one.outer);
      if (!whole) continue;
      one.packet = whole->packet;
      one.outer = whole->first_outer;
      one.pieces_differ = one.pieces_differ || whole->differ;
      one.came_in_pieces = true;
    }
    seen.push_back(std::move(one));
  }
  for (const Joiner* const joiner : {&outers, &inners})
    for (const IpPacket& left : joiner->left()) seen.push_back({.packet = left});
  return seen;
}

}  // namespace lvs::test
