#include "net/linux/nft_change.h"

#include <linux/netfilter/nf_tables.h>

namespace lvs::linux_net {
namespace {

/// NFT_TABLE_F_OWNER of newer headers.
constexpr std::uint32_t kOwnedByItsSocket = 2;

std::string place_of(const NftRule& rule) {
  return "chain " + rule.chain + " of " + nft_table_name(rule.family, rule.table);
}

struct Putting {
  std::uint16_t flags = 0;
  const char* verb = "";
};

void add_rule(NftTransaction& transaction, const NftRule& rule, const Putting& putting) {
  transaction.check_name(rule.chain, "chain name");
  transaction.check_comment(rule.comment);
  if (transaction.refused()) return;
  const NftnlRule made = to_nftnl(rule);
  transaction.append({NFT_MSG_NEWRULE, rule.family, putting.flags},
                     std::string(putting.verb) + " " + place_of(rule),
                     [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, made.get()); });
}

}  // namespace

void append_nft_rule(NftTransaction& transaction, const NftRule& rule) {
  add_rule(transaction, rule, {NLM_F_CREATE | NLM_F_APPEND, "add a rule to"});
}

void NftChange::add_table(std::uint8_t family, std::string_view table, std::string_view comment,
                          bool dies_with_socket) {
  add_nft_table(transaction_, family, table, comment, dies_with_socket ? kOwnedByItsSocket : 0);
}

void NftChange::delete_table(std::uint8_t family, std::string_view table) {
  delete_nft_table(transaction_, family, table);
}

void NftChange::add_base_chain(std::uint8_t family, std::string_view table,
                               const NftBaseChain& chain) {
  add_nft_base_chain(transaction_, family, table, chain);
}

void NftChange::append_rule(const NftRule& rule) { append_nft_rule(transaction_, rule); }

void NftChange::insert_at_head(const NftRule& rule) {
  add_rule(transaction_, rule, {NLM_F_CREATE, "put a rule at the head of"});
}

void NftChange::delete_rule(const NftRule& rule) {
  // Without one it would delete every rule of the chain.
  if (rule.handle == 0) return transaction_.refuse("a rule without a handle cannot be deleted");
  NftRule named = rule;
  named.expressions.clear();
  named.comment.clear();
  const NftnlRule made = to_nftnl(named);
  transaction_.append(
      {NFT_MSG_DELRULE, rule.family, 0},
      "delete rule handle " + std::to_string(rule.handle) + " of " + place_of(rule),
      [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, made.get()); });
}

}  // namespace lvs::linux_net
