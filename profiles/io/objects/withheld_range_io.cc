#include "profiles/io/objects/withheld_range_io.h"

#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <array>
#include <utility>

#include "net/wire/bytes.h"
#include "profiles/io/firewall/match_expressions.h"

namespace lvs::profiles {
namespace {

using linux_net::NftExpression;
using linux_net::NftRule;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t kNetdevFamily = 5;  // NFPROTO_NETDEV
constexpr std::uint32_t kSourcePort = 0;
constexpr std::uint32_t kDestinationPort = 2;
constexpr std::uint32_t kIpv4FragmentOffset = 6;
constexpr std::uint32_t kIpv6FragmentHeader = 44;

/// Where a family keeps things, from the network header on.
struct Layout {
  Family family = Family::Ipv4;
  Bytes ether_type;
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint32_t address_bytes = 0;
};
const Layout& layout_of(Family family) {
  static const std::array all{Layout{Family::Ipv4, {0x08, 0x00}, 12, 16, 4},
                              Layout{Family::Ipv6, {0x86, 0xdd}, 8, 24, 16}};
  return all[family == Family::Ipv4 ? 0 : 1];
}

Bytes port_bytes(Port port) {
  Bytes bytes(2);
  wire::store_be16(bytes, 0, port.number);
  return bytes;
}
Port port_from(const Bytes& bytes) {
  return bytes.size() == 2 ? Port{wire::load_be16(bytes, 0)} : Port{};
}

/// Not of the host's own addresses, and sent to this host's MAC.
void put_only_others(std::vector<NftExpression>& all, const Layout& layout,
                     const std::string& own) {
  all.push_back(
      linux_net::load_header(NFT_PAYLOAD_NETWORK_HEADER, layout.destination, layout.address_bytes));
  all.push_back({.kind = "lookup", .from = NFT_REG_1, .op = NFT_LOOKUP_F_INV, .name = own});
  all.push_back(linux_net::load_meta(NFT_META_PKTTYPE));
  all.push_back(linux_net::compare({PACKET_HOST}));
}

void put_fragment(std::vector<NftExpression>& all, Family family) {
  if (family == Family::Ipv6) {
    all.push_back({.kind = "exthdr",
                   .key = kIpv6FragmentHeader,
                   .length = 1,
                   .into = NFT_REG_1,
                   .op = NFT_EXTHDR_F_PRESENT});
    all.push_back(linux_net::compare({1}));
    return;
  }
  all.push_back(linux_net::load_header(NFT_PAYLOAD_NETWORK_HEADER, kIpv4FragmentOffset, 2));
  all.push_back(linux_net::mask_with({0x3f, 0xff}));
  all.push_back(linux_net::compare({0, 0}, false));
}

/// Also where any port will do: a packet that ends before its ports has none.
void put_ports(std::vector<NftExpression>& all, const WithheldRange& range) {
  all.push_back(linux_net::load_meta(NFT_META_L4PROTO));
  all.push_back(linux_net::compare({static_cast<std::uint8_t>(*range.protocol)}));
  all.push_back(linux_net::load_header(NFT_PAYLOAD_TRANSPORT_HEADER,
                                       range.is_reply ? kSourcePort : kDestinationPort, 2));
  if (range.first == range.last) {
    all.push_back(linux_net::compare(port_bytes(range.first)));
    return;
  }
  // As nft(8) writes it, so that an exported table is read as ours.
  NftExpression from = linux_net::compare(port_bytes(range.first));
  from.op = NFT_CMP_GTE;
  NftExpression to = linux_net::compare(port_bytes(range.last));
  to.op = NFT_CMP_LTE;
  all.push_back(std::move(from));
  all.push_back(std::move(to));
}

IpAddr address_from(const Bytes& begin, Family family) {
  std::array<std::uint8_t, 16> octets{};
  std::ranges::copy_n(begin.begin(),
                      static_cast<std::ptrdiff_t>(std::min(begin.size(), octets.size())),
                      octets.begin());
  if (family == Family::Ipv6) return Ipv6Addr{octets};
  return Ipv4Addr{octets[0], octets[1], octets[2], octets[3]};
}

std::uint8_t ones_in(const Bytes& mask) {
  std::size_t bits = 0;
  while (bits < 8 * mask.size() && (mask[bits / 8] & 0x80U >> bits % 8) != 0) ++bits;
  return static_cast<std::uint8_t>(bits);
}

/// What is known of a rule's range when some of its expressions were read.
class Reading {
 public:
  explicit Reading(const std::string& link) { range_.link = link; }

  void take(const NftExpression& expression) {
    if (expression.kind == "cmp") return take_value(expression);
    if (expression.kind == "bitwise") {
      mask_ = expression.data;
      return;
    }
    load_ = expression;
    mask_.clear();
  }
  const WithheldRange& range() const { return range_; }

 private:
  void take_value(const NftExpression& value) {
    if (load_.kind == "meta" && load_.key == NFT_META_PROTOCOL)
      range_.family =
          value.data == layout_of(Family::Ipv6).ether_type ? Family::Ipv6 : Family::Ipv4;
    if (load_.kind == "meta" && load_.key == NFT_META_L4PROTO && value.data.size() == 1)
      range_.protocol = Protocol{value.data[0]};
    if (load_.kind != "payload") return;
    if (load_.key == NFT_PAYLOAD_TRANSPORT_HEADER) return take_ports(value);
    const Layout& layout = layout_of(range_.family);
    if (load_.offset == layout.destination) range_.addr = address_from(value.data, range_.family);
    if (load_.offset != layout.source) return;
    const auto length = static_cast<std::uint8_t>(8 * load_.length);
    range_.source =
        Prefix{address_from(value.data, range_.family), mask_.empty() ? length : ones_in(mask_)};
  }
  void take_ports(const NftExpression& value) {
    range_.is_reply = load_.offset == kSourcePort;
    if (value.op != NFT_CMP_LTE) range_.first = port_from(value.data);
    if (value.op != NFT_CMP_GTE) range_.last = port_from(value.data);
  }

  WithheldRange range_;
  NftExpression load_;
  Bytes mask_;
};

}  // namespace

NftRule compiled(const WithheldRange& range, const RangePlace& place) {
  NftRule rule;
  rule.family = kNetdevFamily;
  rule.table = place.table;
  rule.chain = place.chain;
  rule.comment = place.comment;
  const Layout& layout = layout_of(range.family);
  rule.expressions.push_back(linux_net::load_meta(NFT_META_PROTOCOL));
  rule.expressions.push_back(linux_net::compare(layout.ether_type));
  PacketMatch addresses;
  addresses.family = range.family;
  addresses.source = range.source;
  if (range.addr) addresses.destination = Prefix{*range.addr, range.addr->bits()};
  for (NftExpression& each : expressions_of(addresses, NftFamily::Ip, FirewallKind::Nft))
    rule.expressions.push_back(std::move(each));
  if (!range.addr) put_only_others(rule.expressions, layout, place.own);
  range.protocol ? put_ports(rule.expressions, range)
                 : put_fragment(rule.expressions, range.family);
  rule.expressions.push_back(linux_net::count());
  rule.expressions.push_back(linux_net::give_verdict(NF_DROP));
  return rule;
}

std::optional<WithheldRange> range_of(const NftRule& rule, const RangePlace& place,
                                      const std::string& link) {
  Reading reading(link);
  for (const NftExpression& expression : rule.expressions) reading.take(expression);
  const NftRule made = compiled(reading.range(), place);
  const bool is_so = made.chain == rule.chain && made.comment == rule.comment &&
                     made.expressions == rule.expressions;
  return is_so ? std::optional{reading.range()} : std::nullopt;
}

}  // namespace lvs::profiles
