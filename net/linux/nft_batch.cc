#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include <utility>

#include "net/linux/nft_change.h"
#include "net/linux/nft_rules.h"
#include "net/linux/nft_sets.h"
#include "net/linux/nft_tables.h"
#include "net/linux/nft_transaction.h"
#include "net/linux/nftables.h"
#include "net/linux/rtnetlink.h"

namespace lvs::linux_net {

struct NftBatch::State {
  NftTransaction transaction;
  std::vector<std::string> links;  ///< that chains are bound to
};

namespace {

/// From Linux 6.16 on a chain may name a link that does not exist and waits for it: a misspelt name
/// would withhold nothing and look like success. Older kernels refuse it; so do we.
Result<void> check_links(const std::vector<std::string>& links) {
  if (links.empty()) return {};
  LVS_TRY(RouteSocket routes, RouteSocket::open());
  for (const std::string& link : links)
    if (const auto found = routes.link_named(link); !found)
      return fail_within("add a chain at the ingress of " + link, found.error());
  return {};
}

bool takes_rule(NftTransaction& transaction, const RulePlace& place, const std::string& set) {
  transaction.check_name(place.table, "table name");
  transaction.check_name(place.chain, "chain name");
  transaction.check_name(set, "set name");
  transaction.check_comment(place.comment);
  return !transaction.refused();
}

void add_rule(NftTransaction& transaction, const std::string& what, const RulePlace& place,
              const NftnlRule& rule) {
  transaction.append({NFT_MSG_NEWRULE, place.family, NLM_F_CREATE | NLM_F_APPEND},
                     "add the rule for " + what + " to chain " + place.chain + " in " +
                         nft_table_name(place.family, place.table),
                     [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, rule.get()); });
}

}  // namespace

NftBatch::NftBatch() : state_(std::make_unique<State>()) {}
NftBatch::~NftBatch() = default;
NftBatch::NftBatch(NftBatch&&) noexcept = default;
NftBatch& NftBatch::operator=(NftBatch&&) noexcept = default;

void NftBatch::add_table(std::uint8_t family, std::string_view table, std::string_view comment) {
  add_nft_table(state_->transaction, family, table, comment);
}

void NftBatch::delete_table(std::uint8_t family, std::string_view table) {
  delete_nft_table(state_->transaction, family, table);
}

void NftBatch::add_ingress_chain(std::string_view table, std::string_view chain,
                                 std::string_view link, std::int32_t priority) {
  state_->transaction.check_name(link, "link name", IFNAMSIZ - 1);
  state_->links.emplace_back(link);
  add_nft_base_chain(
      state_->transaction, NFPROTO_NETDEV, table,
      {std::string(chain), "filter", NF_NETDEV_INGRESS, priority, std::string(link)});
}

void NftBatch::add_service_set(std::uint8_t family, std::string_view table, std::string_view set,
                               Family addresses) {
  add_nft_service_set(state_->transaction, {family, std::string(table), std::string(set)},
                      addresses);
}

void NftBatch::add_address_set(std::uint8_t family, std::string_view table, std::string_view set,
                               Family addresses) {
  add_nft_address_set(state_->transaction, {family, std::string(table), std::string(set)},
                      addresses);
}

void NftBatch::add_services(std::uint8_t family, std::string_view table, std::string_view set,
                            std::span<const ServiceTuple> services) {
  change_nft_services(state_->transaction, ElementChange::Add,
                      {family, std::string(table), std::string(set)}, services);
}

void NftBatch::remove_services(std::uint8_t family, std::string_view table, std::string_view set,
                               std::span<const ServiceTuple> services) {
  change_nft_services(state_->transaction, ElementChange::Remove,
                      {family, std::string(table), std::string(set)}, services);
}

void NftBatch::add_addresses(std::uint8_t family, std::string_view table, std::string_view set,
                             std::span<const IpAddr> addresses) {
  change_nft_addresses(state_->transaction, ElementChange::Add,
                       {family, std::string(table), std::string(set)}, addresses);
}

void NftBatch::remove_addresses(std::uint8_t family, std::string_view table, std::string_view set,
                                std::span<const IpAddr> addresses) {
  change_nft_addresses(state_->transaction, ElementChange::Remove,
                       {family, std::string(table), std::string(set)}, addresses);
}

void NftBatch::drop_services(const RulePlace& place, Family family, const std::string& set) {
  if (!takes_rule(state_->transaction, place, set)) return;
  add_rule(state_->transaction, "services", place, drop_services_rule(place, family, set));
}

void NftBatch::drop_fragments_to(const RulePlace& place, Family family, const std::string& set) {
  if (!takes_rule(state_->transaction, place, set)) return;
  add_rule(state_->transaction, "fragments", place, drop_fragments_rule(place, family, set));
}

void NftBatch::drop_replies(const RulePlace& place, Family family, const std::string& replies,
                            const std::string& own) {
  for (const std::string* set : {&replies, &own})
    if (!takes_rule(state_->transaction, place, *set)) return;
  add_rule(state_->transaction, "replies", place, drop_replies_rule(place, family, replies, own));
}

void NftBatch::drop_fragments_from(const RulePlace& place, Family family,
                                   const std::string& servers, const std::string& own) {
  for (const std::string* set : {&servers, &own})
    if (!takes_rule(state_->transaction, place, *set)) return;
  add_rule(state_->transaction, "servers' fragments", place,
           drop_server_fragments_rule(place, family, servers, own));
}

void NftBatch::drop_errors_about(const RulePlace& place, const IpAddr& server,
                                 const std::string& own) {
  if (!takes_rule(state_->transaction, place, own)) return;
  add_rule(state_->transaction, "errors about packets to a server", place,
           drop_quoting_rule(place, server, own));
}

void NftBatch::append_rule(const NftRule& rule) { append_nft_rule(state_->transaction, rule); }

Result<void> NftBatch::commit() {
  // What is sent is spent: whatever comes of it, this object is an empty transaction again.
  const NftBatch sent = std::exchange(*this, NftBatch());
  State& state = *sent.state_;
  if (!state.transaction.refused()) LVS_CHECK(check_links(state.links));
  return state.transaction.commit();
}

}  // namespace lvs::linux_net
