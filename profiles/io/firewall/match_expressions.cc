#include "profiles/io/firewall/match_expressions.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_conntrack.h>

#include <cstring>
#include <utility>

namespace lvs::profiles {
namespace {

using linux_net::NftExpression;
using Bytes = std::vector<std::uint8_t>;

constexpr std::uint32_t kIpv4Protocol = 9;
constexpr std::uint32_t kDestinationPort = 2;
constexpr std::uint32_t kConntrackRevision = 3;
constexpr std::uint8_t kUdp = 17;

struct AddressPlace {
  std::uint32_t source;
  std::uint32_t destination;
};
constexpr AddressPlace kIpv4Addresses{12, 16};
constexpr AddressPlace kIpv6Addresses{8, 24};

class Writer {
 public:
  void put(NftExpression expression) { all_.push_back(std::move(expression)); }

  void meta(std::uint32_t key, Bytes value) {
    put(linux_net::load_meta(key));
    put(linux_net::compare(std::move(value)));
  }
  void header(std::uint32_t header, std::uint32_t offset, Bytes value) {
    put(linux_net::load_header(header, offset, static_cast<std::uint32_t>(value.size())));
    put(linux_net::compare(std::move(value)));
  }
  /// Whole bytes are compared as they are; the rest of a prefix needs a mask.
  void prefix(std::uint32_t offset, const Prefix& prefix) {
    Bytes value = range_of(prefix).first;
    if (prefix.length % 8 == 0) {
      value.resize(prefix.length / 8);
      if (!value.empty()) header(NFT_PAYLOAD_NETWORK_HEADER, offset, std::move(value));
      return;
    }
    Bytes mask(value.size());
    for (std::size_t bit = 0; bit < prefix.length; ++bit)
      mask[bit / 8] = static_cast<std::uint8_t>(mask[bit / 8] | 0x80U >> bit % 8);
    put(linux_net::load_header(NFT_PAYLOAD_NETWORK_HEADER, offset,
                               static_cast<std::uint32_t>(value.size())));
    put(linux_net::mask_with(std::move(mask)));
    put(linux_net::compare(std::move(value)));
  }
  void protocol(const PacketMatch& match) {
    // `udp dport` is printed only after a meta load; `ip protocol` is what people write for 4.
    if (match.family == Family::Ipv4 && !match.port)
      header(NFT_PAYLOAD_NETWORK_HEADER, kIpv4Protocol, {*match.protocol});
    else
      meta(NFT_META_L4PROTO, {*match.protocol});
  }

  std::vector<NftExpression> take() { return std::move(all_); }

 private:
  std::vector<NftExpression> all_;
};

/// nf_tables keeps a connection's state as a number of the host's order.
Bytes host_number(std::uint32_t number) {
  Bytes bytes(sizeof number);
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

void put_state(Writer& writer, FirewallKind kind) {
  constexpr std::uint32_t states = kStateEstablished | kStateRelated;
  if (kind == FirewallKind::IptablesNft) {
    xt_conntrack_mtinfo3 info{};
    info.match_flags = XT_CONNTRACK_STATE;
    info.state_mask = states;
    Bytes bytes((sizeof info + 7) & ~std::size_t{7});  // XT_ALIGN
    std::memcpy(bytes.data(), &info, sizeof info);
    writer.put(
        {.kind = "match", .op = kConntrackRevision, .data = std::move(bytes), .name = "conntrack"});
    return;
  }
  writer.put(linux_net::load_connection(NFT_CT_STATE));
  writer.put(linux_net::mask_with(host_number(states)));
  writer.put(linux_net::compare(host_number(0), false));
}

}  // namespace

std::vector<NftExpression> expressions_of(const PacketMatch& match, NftFamily family,
                                          FirewallKind kind) {
  Writer writer;
  const bool is_v4 = match.family == Family::Ipv4;
  if (family == NftFamily::Inet)
    writer.meta(NFT_META_NFPROTO,
                {is_v4 ? std::uint8_t{NFPROTO_IPV4} : std::uint8_t{NFPROTO_IPV6}});
  const AddressPlace place = is_v4 ? kIpv4Addresses : kIpv6Addresses;
  if (match.source) writer.prefix(place.source, *match.source);
  if (match.destination) writer.prefix(place.destination, *match.destination);
  if (!match.in_link.empty())
    writer.meta(NFT_META_IIFNAME, linux_net::link_name_bytes(match.in_link));
  if (!match.out_link.empty())
    writer.meta(NFT_META_OIFNAME, linux_net::link_name_bytes(match.out_link));
  if (match.port && !match.protocol)
    writer.meta(NFT_META_L4PROTO, {kUdp});
  else if (match.protocol)
    writer.protocol(match);
  if (match.port)
    writer.header(NFT_PAYLOAD_TRANSPORT_HEADER, kDestinationPort, range_of(*match.port).first);
  if (match.established) put_state(writer, kind);
  return writer.take();
}

}  // namespace lvs::profiles
