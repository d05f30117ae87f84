#include "net/linux/nft_rule.h"

#include <libnftnl/expr.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "net/linux/nft_types.h"

namespace lvs::linux_net {
namespace {

/// Which member of NftExpression an attribute of libnftnl's is. The table below is read in both
/// directions.
struct Attribute {
  std::string_view kind;
  std::uint16_t number = 0;
  std::uint32_t NftExpression::*word = nullptr;
  std::vector<std::uint8_t> NftExpression::*bytes = nullptr;
  std::string NftExpression::*text = nullptr;
  bool is_octet = false;  ///< the kernel's and libnftnl's form of `word`
};

using E = NftExpression;
constexpr std::array kAttributes{
    Attribute{"meta", NFTNL_EXPR_META_KEY, &E::key},
    Attribute{"meta", NFTNL_EXPR_META_DREG, &E::into},
    Attribute{"meta", NFTNL_EXPR_META_SREG, &E::from},
    Attribute{"ct", NFTNL_EXPR_CT_KEY, &E::key},
    Attribute{"ct", NFTNL_EXPR_CT_DREG, &E::into},
    Attribute{"ct", NFTNL_EXPR_CT_SREG, &E::from},
    Attribute{"payload", NFTNL_EXPR_PAYLOAD_BASE, &E::key},
    Attribute{"payload", NFTNL_EXPR_PAYLOAD_OFFSET, &E::offset},
    Attribute{"payload", NFTNL_EXPR_PAYLOAD_LEN, &E::length},
    Attribute{"payload", NFTNL_EXPR_PAYLOAD_DREG, &E::into},
    Attribute{"payload", NFTNL_EXPR_PAYLOAD_SREG, &E::from},
    Attribute{"cmp", NFTNL_EXPR_CMP_SREG, &E::from},
    Attribute{"cmp", NFTNL_EXPR_CMP_OP, &E::op},
    Attribute{"cmp", NFTNL_EXPR_CMP_DATA, nullptr, &E::data},
    Attribute{"range", NFTNL_EXPR_RANGE_SREG, &E::from},
    Attribute{"range", NFTNL_EXPR_RANGE_OP, &E::op},
    Attribute{"range", NFTNL_EXPR_RANGE_FROM_DATA, nullptr, &E::data},
    Attribute{"range", NFTNL_EXPR_RANGE_TO_DATA, nullptr, &E::more},
    Attribute{"bitwise", NFTNL_EXPR_BITWISE_SREG, &E::from},
    Attribute{"bitwise", NFTNL_EXPR_BITWISE_DREG, &E::into},
    Attribute{"bitwise", NFTNL_EXPR_BITWISE_LEN, &E::length},
    Attribute{"bitwise", NFTNL_EXPR_BITWISE_MASK, nullptr, &E::data},
    Attribute{"bitwise", NFTNL_EXPR_BITWISE_XOR, nullptr, &E::more},
    Attribute{"immediate", NFTNL_EXPR_IMM_DREG, &E::into},
    Attribute{"immediate", NFTNL_EXPR_IMM_DATA, nullptr, &E::data},
    Attribute{"immediate", NFTNL_EXPR_IMM_CHAIN, nullptr, nullptr, &E::name},
    Attribute{"lookup", NFTNL_EXPR_LOOKUP_SREG, &E::from},
    Attribute{"lookup", NFTNL_EXPR_LOOKUP_DREG, &E::into},
    Attribute{"lookup", NFTNL_EXPR_LOOKUP_SET, nullptr, nullptr, &E::name},
    Attribute{"lookup", NFTNL_EXPR_LOOKUP_FLAGS, &E::op},
    Attribute{"exthdr", NFTNL_EXPR_EXTHDR_TYPE, &E::key, nullptr, nullptr, true},
    Attribute{"exthdr", NFTNL_EXPR_EXTHDR_OFFSET, &E::offset},
    Attribute{"exthdr", NFTNL_EXPR_EXTHDR_LEN, &E::length},
    Attribute{"exthdr", NFTNL_EXPR_EXTHDR_FLAGS, &E::op},
    Attribute{"exthdr", NFTNL_EXPR_EXTHDR_DREG, &E::into},
    Attribute{"match", NFTNL_EXPR_MT_NAME, nullptr, nullptr, &E::name},
    Attribute{"match", NFTNL_EXPR_MT_REV, &E::op},
    Attribute{"match", NFTNL_EXPR_MT_INFO, nullptr, &E::data},
    Attribute{"target", NFTNL_EXPR_TG_NAME, nullptr, nullptr, &E::name},
    Attribute{"target", NFTNL_EXPR_TG_REV, &E::op},
    Attribute{"target", NFTNL_EXPR_TG_INFO, nullptr, &E::data},
};

std::vector<std::uint8_t> bytes_of(const nftnl_expr* from, std::uint16_t number) {
  std::uint32_t length = 0;
  const auto* data = static_cast<const std::uint8_t*>(nftnl_expr_get(from, number, &length));
  if (data == nullptr) return {};
  return {data, data + length};
}

void read_attribute(const nftnl_expr* from, const Attribute& attribute, NftExpression& to) {
  if (!nftnl_expr_is_set(from, attribute.number)) return;
  if (attribute.word != nullptr)
    to.*attribute.word = attribute.is_octet ? nftnl_expr_get_u8(from, attribute.number)
                                            : nftnl_expr_get_u32(from, attribute.number);
  if (attribute.bytes != nullptr) to.*attribute.bytes = bytes_of(from, attribute.number);
  if (attribute.text == nullptr) return;
  const char* text = nftnl_expr_get_str(from, attribute.number);
  if (text != nullptr) to.*attribute.text = text;
}

NftExpression read_expression(const nftnl_expr* from) {
  NftExpression to;
  const char* kind = nftnl_expr_get_str(from, NFTNL_EXPR_NAME);
  if (kind != nullptr) to.kind = kind;
  for (const Attribute& attribute : kAttributes)
    if (attribute.kind == to.kind) read_attribute(from, attribute, to);
  if (to.kind == "immediate" && nftnl_expr_is_set(from, NFTNL_EXPR_IMM_VERDICT))
    to.verdict = static_cast<std::int32_t>(nftnl_expr_get_u32(from, NFTNL_EXPR_IMM_VERDICT));
  return to;
}

/// Zero is libnftnl's own for what is not set, but for these: they must be said.
constexpr std::array kAlways{"meta",  "ct",      "payload",   "cmp",
                             "range", "bitwise", "immediate", "exthdr"};

bool must_be_said(const Attribute& attribute) {
  if (std::ranges::find(kAlways, attribute.kind) == kAlways.end()) return false;
  return attribute.word == &E::key || attribute.word == &E::op || attribute.word == &E::offset ||
         (attribute.kind == "immediate" && attribute.word == &E::into);
}

void write_bytes(nftnl_expr* to, const Attribute& attribute,
                 const std::vector<std::uint8_t>& bytes) {
  const auto length = static_cast<std::uint32_t>(bytes.size());
  if (attribute.kind != "match" && attribute.kind != "target") {
    nftnl_expr_set(to, attribute.number, bytes.data(), length);
    return;
  }
  auto* owned =
      static_cast<std::uint8_t*>(std::malloc(bytes.size()));  // NOLINT(*-no-malloc): it frees this
  if (owned == nullptr) std::abort();
  std::ranges::copy(bytes, owned);
  nftnl_expr_set(to, attribute.number, owned, length);
}  // NOLINT(clang-analyzer-unix.Malloc): the expression owns the copy now

void write_word(nftnl_expr* to, const Attribute& attribute, std::uint32_t word) {
  if (attribute.is_octet)
    nftnl_expr_set_u8(to, attribute.number, static_cast<std::uint8_t>(word));
  else
    nftnl_expr_set_u32(to, attribute.number, word);
}

void write_attribute(nftnl_expr* to, const Attribute& attribute, const NftExpression& from) {
  if (attribute.word != nullptr && (from.*attribute.word != 0 || must_be_said(attribute)))
    write_word(to, attribute, from.*attribute.word);
  if (attribute.bytes != nullptr && !(from.*attribute.bytes).empty())
    write_bytes(to, attribute, from.*attribute.bytes);
  if (attribute.text != nullptr && !(from.*attribute.text).empty())
    nftnl_expr_set_str(to, attribute.number, (from.*attribute.text).c_str());
}

}  // namespace

NftnlRule to_nftnl(const NftRule& rule) {
  NftnlRule made(nftnl_rule_alloc());
  nftnl_rule_set_u32(made.get(), NFTNL_RULE_FAMILY, rule.family);
  nftnl_rule_set_str(made.get(), NFTNL_RULE_TABLE, rule.table.c_str());
  nftnl_rule_set_str(made.get(), NFTNL_RULE_CHAIN, rule.chain.c_str());
  if (rule.handle != 0) nftnl_rule_set_u64(made.get(), NFTNL_RULE_HANDLE, rule.handle);
  if (!rule.comment.empty()) {
    const UserData data = comment_data(NFTNL_UDATA_RULE_COMMENT, rule.comment);
    nftnl_rule_set_data(made.get(), NFTNL_RULE_USERDATA, nftnl_udata_buf_data(data.get()),
                        nftnl_udata_buf_len(data.get()));
  }
  for (const NftExpression& from : rule.expressions) {
    nftnl_expr* to = nftnl_expr_alloc(from.kind.c_str());
    for (const Attribute& attribute : kAttributes)
      if (attribute.kind == from.kind) write_attribute(to, attribute, from);
    if (from.verdict)
      nftnl_expr_set_u32(to, NFTNL_EXPR_IMM_VERDICT, static_cast<std::uint32_t>(*from.verdict));
    nftnl_rule_add_expr(made.get(), to);  // the rule owns it now
  }
  return made;
}

NftRule from_nftnl(const nftnl_rule* rule) {
  NftRule read;
  read.family = static_cast<std::uint8_t>(nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY));
  read.table = text_or_empty(nftnl_rule_get_str(rule, NFTNL_RULE_TABLE));
  read.chain = text_or_empty(nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN));
  read.handle = nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE);
  std::uint32_t length = 0;
  const void* data = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &length);
  if (data != nullptr)
    read.comment =
        comment_in({static_cast<const std::uint8_t*>(data), length}, NFTNL_UDATA_RULE_COMMENT);
  const auto take = [](nftnl_expr* expression, void* to) {
    auto& into = *static_cast<NftRule*>(to);
    into.expressions.push_back(read_expression(expression));
    if (into.expressions.back().kind == "counter")
      into.packets += nftnl_expr_get_u64(expression, NFTNL_EXPR_CTR_PACKETS);
    return 0;
  };
  // libnftnl asks for a rule that may be written to, and only reads it.
  nftnl_expr_foreach(const_cast<nftnl_rule*>(rule), take, &read);  // NOLINT(*-const-cast)
  return read;
}

NftExpression load_meta(std::uint32_t key) {
  return {.kind = "meta", .key = key, .into = NFT_REG_1};
}

NftExpression load_header(std::uint32_t header, std::uint32_t offset, std::uint32_t length) {
  return {.kind = "payload", .key = header, .offset = offset, .length = length, .into = NFT_REG_1};
}

NftExpression load_connection(std::uint32_t key) {
  return {.kind = "ct", .key = key, .into = NFT_REG_1};
}

NftExpression compare(std::vector<std::uint8_t> with, bool equal) {
  return {.kind = "cmp",
          .from = NFT_REG_1,
          .op = static_cast<std::uint32_t>(equal ? NFT_CMP_EQ : NFT_CMP_NEQ),
          .data = std::move(with)};
}

NftExpression mask_with(std::vector<std::uint8_t> mask) {
  const auto length = static_cast<std::uint32_t>(mask.size());
  std::vector<std::uint8_t> flip(length);
  return {.kind = "bitwise",
          .length = length,
          .from = NFT_REG_1,
          .into = NFT_REG_1,
          .data = std::move(mask),
          .more = std::move(flip)};
}

NftExpression count() { return {.kind = "counter"}; }

NftExpression give_verdict(std::int32_t verdict) {
  return {.kind = "immediate", .into = NFT_REG_VERDICT, .verdict = verdict};
}

std::vector<std::uint8_t> link_name_bytes(const std::string& name) {
  std::vector<std::uint8_t> bytes(name.begin(), name.end());
  bytes.resize(IFNAMSIZ);
  return bytes;
}

}  // namespace lvs::linux_net
