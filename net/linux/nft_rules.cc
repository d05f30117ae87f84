#include "net/linux/nft_rules.h"

#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <array>
#include <cstdint>
#include <span>

#include "net/linux/nft_types.h"
#include "net/wire/bytes.h"

namespace lvs::linux_net {
namespace {

/// A register of 16 bytes; the 32-bit registers from 8 on are its quarters and go on behind it, so
/// that a key of several fields is written field by field.
constexpr std::uint32_t kKey = NFT_REG_1;
constexpr std::uint32_t kKeyAddress = NFT_REG32_01;

constexpr std::array<std::uint8_t, 2> kFragmentMask{0x3f, 0xff};
constexpr std::array<std::uint8_t, 2> kZero{0, 0};
constexpr std::array<std::uint8_t, 1> kIsThere{1};
constexpr std::uint32_t kIpv4FragmentOffset = 6;
constexpr std::uint8_t kIpv6FragmentHeader = 44;

struct Field {
  std::uint32_t base = 0;    ///< NFT_PAYLOAD_*_HEADER
  std::uint32_t offset = 0;  ///< bytes
  std::uint32_t length = 0;
};

/// Where the two families keep the same things.
struct Layout {
  std::array<std::uint8_t, 2> ether_type{};
  Field source;
  Field destination;
  std::uint32_t key_port = 0;  ///< the register behind protocol and address
  std::array<std::uint8_t, 1> icmp{};
  std::array<std::uint8_t, 1> first_error{};
  std::array<std::uint8_t, 1> last_error{};
  Field quoted_destination;  ///< in the packet that an ICMP error quotes
};
constexpr Layout kIpv4Layout{{0x08, 0x00},
                             {NFT_PAYLOAD_NETWORK_HEADER, 12, 4},
                             {NFT_PAYLOAD_NETWORK_HEADER, 16, 4},
                             NFT_REG32_02,
                             {1},
                             {3},
                             {11},
                             {NFT_PAYLOAD_TRANSPORT_HEADER, 8 + 16, 4}};
constexpr Layout kIpv6Layout{{0x86, 0xdd},
                             {NFT_PAYLOAD_NETWORK_HEADER, 8, 16},
                             {NFT_PAYLOAD_NETWORK_HEADER, 24, 16},
                             NFT_REG32_05,
                             {58},
                             {1},
                             {4},
                             {NFT_PAYLOAD_TRANSPORT_HEADER, 8 + 24, 16}};
constexpr Field kIcmpType{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1};
constexpr Field kSourcePort{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2};
constexpr Field kDestinationPort{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2};

const Layout& layout_of(Family family) {
  return family == Family::Ipv4 ? kIpv4Layout : kIpv6Layout;
}

/// Appends expressions to a rule, which owns them.
class Expressions {
 public:
  explicit Expressions(nftnl_rule* rule) : rule_(rule) {}

  void load_meta(std::uint32_t key, std::uint32_t into) {
    nftnl_expr* meta = add("meta");
    nftnl_expr_set_u32(meta, NFTNL_EXPR_META_KEY, key);
    nftnl_expr_set_u32(meta, NFTNL_EXPR_META_DREG, into);
  }

  void load(const Field& field, std::uint32_t into) {
    nftnl_expr* payload = add("payload");
    nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_BASE, field.base);
    nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_OFFSET, field.offset);
    nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_LEN, field.length);
    nftnl_expr_set_u32(payload, NFTNL_EXPR_PAYLOAD_DREG, into);
  }

  void compare(std::uint32_t op, std::span<const std::uint8_t> with) {
    nftnl_expr* cmp = add("cmp");
    nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_SREG, kKey);
    nftnl_expr_set_u32(cmp, NFTNL_EXPR_CMP_OP, op);
    nftnl_expr_set(cmp, NFTNL_EXPR_CMP_DATA, with.data(), static_cast<std::uint32_t>(with.size()));
  }

  void mask(std::span<const std::uint8_t> mask, std::span<const std::uint8_t> flip) {
    const auto length = static_cast<std::uint32_t>(mask.size());
    nftnl_expr* bitwise = add("bitwise");
    nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_SREG, kKey);
    nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_DREG, kKey);
    nftnl_expr_set_u32(bitwise, NFTNL_EXPR_BITWISE_LEN, length);
    nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_MASK, mask.data(), length);
    nftnl_expr_set(bitwise, NFTNL_EXPR_BITWISE_XOR, flip.data(), length);
  }

  /// Goes on when the key is in the set, or with NFT_LOOKUP_F_INV when it is not.
  void look_up(const std::string& set, std::uint32_t flags = 0) {
    nftnl_expr* lookup = add("lookup");
    nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SREG, kKey);
    nftnl_expr_set_str(lookup, NFTNL_EXPR_LOOKUP_SET, set.c_str());
    if (flags != 0) nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_FLAGS, flags);
  }

  void want_ether_type(const Layout& layout) {
    load_meta(NFT_META_PROTOCOL, kKey);
    compare(NFT_CMP_EQ, layout.ether_type);
  }

  /// protocol . ADDRESS . PORT
  void load_service(const Layout& layout, const Field& address, const Field& port) {
    load_meta(NFT_META_L4PROTO, kKey);
    load(address, kKeyAddress);
    load(port, layout.key_port);
  }

  void want_fragment(Family family) {
    if (family == Family::Ipv4) {
      load({NFT_PAYLOAD_NETWORK_HEADER, kIpv4FragmentOffset, 2}, kKey);
      mask(kFragmentMask, kZero);
      compare(NFT_CMP_NEQ, kZero);
      return;
    }
    nftnl_expr* header = add("exthdr");
    nftnl_expr_set_u8(header, NFTNL_EXPR_EXTHDR_TYPE, kIpv6FragmentHeader);
    nftnl_expr_set_u32(header, NFTNL_EXPR_EXTHDR_OFFSET, 0);
    nftnl_expr_set_u32(header, NFTNL_EXPR_EXTHDR_LEN, 1);
    nftnl_expr_set_u32(header, NFTNL_EXPR_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT);
    nftnl_expr_set_u32(header, NFTNL_EXPR_EXTHDR_DREG, kKey);
    compare(NFT_CMP_EQ, kIsThere);
  }

  void count_and_drop() {
    add("counter");
    nftnl_expr* verdict = add("immediate");
    nftnl_expr_set_u32(verdict, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
    nftnl_expr_set_u32(verdict, NFTNL_EXPR_IMM_VERDICT, NF_DROP);
  }

 private:
  nftnl_expr* add(const char* name) {
    nftnl_expr* expression = nftnl_expr_alloc(name);
    nftnl_rule_add_expr(rule_, expression);
    return expression;
  }

  nftnl_rule* rule_;
};

NftnlRule rule_at(const RulePlace& place) {
  NftnlRule rule(nftnl_rule_alloc());
  nftnl_rule_set_u32(rule.get(), NFTNL_RULE_FAMILY, place.family);
  nftnl_rule_set_str(rule.get(), NFTNL_RULE_TABLE, place.table.c_str());
  nftnl_rule_set_str(rule.get(), NFTNL_RULE_CHAIN, place.chain.c_str());
  if (!place.comment.empty()) {
    const UserData data = comment_data(NFTNL_UDATA_RULE_COMMENT, place.comment);
    nftnl_rule_set_data(rule.get(), NFTNL_RULE_USERDATA, nftnl_udata_buf_data(data.get()),
                        nftnl_udata_buf_len(data.get()));
  }
  return rule;
}

}  // namespace

NftnlRule drop_services_rule(const RulePlace& place, Family family, const std::string& set) {
  const Layout& layout = layout_of(family);
  NftnlRule rule = rule_at(place);
  Expressions add(rule.get());
  add.want_ether_type(layout);
  add.load_service(layout, layout.destination, kDestinationPort);
  add.look_up(set);
  add.count_and_drop();
  return rule;
}

NftnlRule drop_fragments_rule(const RulePlace& place, Family family, const std::string& set) {
  const Layout& layout = layout_of(family);
  NftnlRule rule = rule_at(place);
  Expressions add(rule.get());
  add.want_ether_type(layout);
  add.load(layout.destination, kKey);
  add.look_up(set);
  add.want_fragment(family);
  add.count_and_drop();
  return rule;
}

NftnlRule drop_replies_rule(const RulePlace& place, Family family, const std::string& replies,
                            const std::string& own) {
  const Layout& layout = layout_of(family);
  NftnlRule rule = rule_at(place);
  Expressions add(rule.get());
  add.want_ether_type(layout);
  add.load_service(layout, layout.source, kSourcePort);
  add.look_up(replies);
  add.load(layout.destination, kKey);
  add.look_up(own, NFT_LOOKUP_F_INV);
  add.count_and_drop();
  return rule;
}

NftnlRule drop_server_fragments_rule(const RulePlace& place, Family family,
                                     const std::string& servers, const std::string& own) {
  const Layout& layout = layout_of(family);
  NftnlRule rule = rule_at(place);
  Expressions add(rule.get());
  add.want_ether_type(layout);
  add.load(layout.source, kKey);
  add.look_up(servers);
  add.want_fragment(family);
  add.load(layout.destination, kKey);
  add.look_up(own, NFT_LOOKUP_F_INV);
  add.count_and_drop();
  return rule;
}

NftnlRule drop_quoting_rule(const RulePlace& place, const IpAddr& server, const std::string& own) {
  const Layout& layout = layout_of(server.family());
  NftnlRule rule = rule_at(place);
  Expressions add(rule.get());
  add.want_ether_type(layout);
  add.load_meta(NFT_META_L4PROTO, kKey);
  add.compare(NFT_CMP_EQ, layout.icmp);
  add.load(kIcmpType, kKey);
  add.compare(NFT_CMP_GTE, layout.first_error);
  add.compare(NFT_CMP_LTE, layout.last_error);
  add.load(layout.quoted_destination, kKey);
  if (server.is_v4()) {
    std::array<std::uint8_t, 4> octets{};
    wire::store_be32(octets, 0, server.v4().number());
    add.compare(NFT_CMP_EQ, octets);
  } else {
    add.compare(NFT_CMP_EQ, server.v6().octets());
  }
  add.load(layout.destination, kKey);
  add.look_up(own, NFT_LOOKUP_F_INV);
  add.count_and_drop();
  return rule;
}

}  // namespace lvs::linux_net
