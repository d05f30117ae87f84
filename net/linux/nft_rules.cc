#include "net/linux/nft_rules.h"

#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <array>
#include <cstdint>
#include <span>

#include "net/linux/nft_types.h"

namespace lvs::linux_net {
namespace {

/// A register of 16 bytes; the 32-bit registers 8 to 11 are its quarters, so that a key of several
/// fields is written field by field.
constexpr std::uint32_t kKey = NFT_REG_1;
constexpr std::uint32_t kKeyQuarter1 = NFT_REG32_01;
constexpr std::uint32_t kKeyQuarter2 = NFT_REG32_02;

constexpr std::array<std::uint8_t, 2> kEtherTypeIpv4{0x08, 0x00};
constexpr std::array<std::uint8_t, 2> kFragmentMask{0x3f, 0xff};
constexpr std::array<std::uint8_t, 2> kZero{0, 0};
constexpr std::uint32_t kIpv4Destination = 16;
constexpr std::uint32_t kIpv4FragmentOffset = 6;
constexpr std::uint32_t kTransportDestinationPort = 2;

struct Field {
  std::uint32_t base = 0;    ///< NFT_PAYLOAD_*_HEADER
  std::uint32_t offset = 0;  ///< bytes
  std::uint32_t length = 0;
};

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

  void look_up(const std::string& set) {
    nftnl_expr* lookup = add("lookup");
    nftnl_expr_set_u32(lookup, NFTNL_EXPR_LOOKUP_SREG, kKey);
    nftnl_expr_set_str(lookup, NFTNL_EXPR_LOOKUP_SET, set.c_str());
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

Rule rule_at(const RulePlace& place) {
  Rule rule(nftnl_rule_alloc());
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

Rule drop_services_rule(const RulePlace& place, const std::string& set) {
  Rule rule = rule_at(place);
  Expressions add(rule.get());
  add.load_meta(NFT_META_PROTOCOL, kKey);
  add.compare(NFT_CMP_EQ, kEtherTypeIpv4);
  add.load_meta(NFT_META_L4PROTO, kKey);
  add.load({NFT_PAYLOAD_NETWORK_HEADER, kIpv4Destination, 4}, kKeyQuarter1);
  add.load({NFT_PAYLOAD_TRANSPORT_HEADER, kTransportDestinationPort, 2}, kKeyQuarter2);
  add.look_up(set);
  add.count_and_drop();
  return rule;
}

Rule drop_fragments_rule(const RulePlace& place, const std::string& set) {
  Rule rule = rule_at(place);
  Expressions add(rule.get());
  add.load_meta(NFT_META_PROTOCOL, kKey);
  add.compare(NFT_CMP_EQ, kEtherTypeIpv4);
  add.load({NFT_PAYLOAD_NETWORK_HEADER, kIpv4Destination, 4}, kKey);
  add.look_up(set);
  add.load({NFT_PAYLOAD_NETWORK_HEADER, kIpv4FragmentOffset, 2}, kKey);
  add.mask(kFragmentMask, kZero);
  add.compare(NFT_CMP_NEQ, kZero);
  add.count_and_drop();
  return rule;
}

}  // namespace lvs::linux_net
