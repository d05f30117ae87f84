#include "profiles/io/firewall/own_rules.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_arp.h>

#include <algorithm>
#include <array>
#include <utility>

#include "net/base/overload.h"
#include "profiles/io/firewall/filter_from_nft.h"
#include "profiles/io/firewall/match_expressions.h"

namespace lvs::profiles {
namespace {

using linux_net::NftExpression;
using linux_net::NftRule;
using Bytes = std::vector<std::uint8_t>;

constexpr std::int32_t kSourceNat = 100;
/// Before the usual filter priority: our counters rise also when another chain drops.
constexpr std::int32_t kBeforeFilter = -10;

/// Where the fields of ARP for IPv4 over Ethernet stand (RFC 826).
constexpr std::uint32_t kArpOperation = 6;
constexpr std::uint32_t kArpSender = 14;
constexpr std::uint32_t kArpTarget = 24;
constexpr std::uint16_t kRequest = 1;
constexpr std::uint16_t kReply = 2;

Bytes bytes_of(Ipv4Addr addr) { return range_of(Prefix{addr, 32}).first; }

struct Expressions {
  std::vector<NftExpression> all;

  Expressions& out_link(const std::string& name) {
    if (name.empty()) return *this;
    all.push_back(linux_net::load_meta(NFT_META_OIFNAME));
    all.push_back(linux_net::compare(linux_net::link_name_bytes(name)));
    return *this;
  }
  Expressions& arp(std::uint32_t offset, const Bytes& value) {
    all.push_back(linux_net::load_header(NFT_PAYLOAD_NETWORK_HEADER, offset,
                                         static_cast<std::uint32_t>(value.size())));
    all.push_back(linux_net::compare(value));
    return *this;
  }
  Expressions& operation(std::uint16_t number) {
    return arp(kArpOperation, {0, static_cast<std::uint8_t>(number)});
  }
  Expressions& then(NftExpression expression) {
    all.push_back(linux_net::count());
    all.push_back(std::move(expression));
    return *this;
  }
  Expressions& write_sender(Ipv4Addr addr) {
    then({.kind = "immediate", .into = NFT_REG_1, .data = bytes_of(addr)});
    all.push_back({.kind = "payload",
                   .key = NFT_PAYLOAD_NETWORK_HEADER,
                   .offset = kArpSender,
                   .length = 4,
                   .from = NFT_REG_1});
    return *this;
  }
};

std::vector<NftExpression> expressions_for(NftFamily family, const OwnRule& rule) {
  return std::visit(Overload{
                        [&](const MasqueradeRule& r) {
                          PacketMatch match;
                          match.family = r.source.addr.family();
                          match.source = r.source.network();
                          match.out_link = r.out_link;
                          Expressions made{expressions_of(match, family, FirewallKind::Nft)};
                          return made.then({.kind = "masq"}).all;
                        },
                        [&](const AcceptRule& r) {
                          Expressions made{expressions_of(r.match, family, FirewallKind::Nft)};
                          return made.then(linux_net::give_verdict(NF_ACCEPT)).all;
                        },
                        [](const ArpDropRequest& r) {
                          return Expressions{}
                              .operation(kRequest)
                              .arp(kArpTarget, bytes_of(r.vip))
                              .then(linux_net::give_verdict(NF_DROP))
                              .all;
                        },
                        [](const ArpRewriteSender& r) {
                          return Expressions{}
                              .out_link(r.out_link)
                              .operation(kRequest)
                              .arp(kArpSender, bytes_of(r.vip))
                              .write_sender(r.rip)
                              .all;
                        },
                        [](const ArpDropReply& r) {
                          return Expressions{}
                              .operation(kReply)
                              .arp(kArpSender, bytes_of(r.vip))
                              .then(linux_net::give_verdict(NF_DROP))
                              .all;
                        },
                        [](const UnknownRule&) { return std::vector<NftExpression>{}; },
                    },
                    rule);
}

/// The address that the rule compares with, or writes to, this field of ARP.
std::optional<Ipv4Addr> arp_address(const NftRule& rule, std::uint32_t offset, bool written) {
  const NftExpression* before = nullptr;
  for (const NftExpression& e : rule.expressions) {
    const NftExpression* load = written ? &e : before;
    const NftExpression* value = written ? before : &e;
    before = &e;
    if (load == nullptr || value == nullptr || load->kind != "payload") continue;
    const bool writes = load->from != 0;
    if (writes != written || load->offset != offset || value->data.size() != 4) continue;
    const Bytes& d = value->data;
    return Ipv4Addr(d[0], d[1], d[2], d[3]);
  }
  return std::nullopt;
}

std::string out_link_of(const NftRule& rule) {
  for (std::size_t i = 0; i + 1 < rule.expressions.size(); ++i) {
    const NftExpression& load = rule.expressions[i];
    if (load.kind != "meta" || load.key != NFT_META_OIFNAME) continue;
    const Bytes& name = rule.expressions[i + 1].data;
    return {name.begin(), std::find(name.begin(), name.end(), std::uint8_t{0})};
  }
  return {};
}

std::optional<OwnRule> arp_rule(const NftRule& rule) {
  const auto target = arp_address(rule, kArpTarget, false);
  const auto sender = arp_address(rule, kArpSender, false);
  const auto rip = arp_address(rule, kArpSender, true);
  if (rule.chain == "input" && target) return ArpDropRequest{*target};
  if (sender && rip) return ArpRewriteSender{*sender, *rip, out_link_of(rule)};
  if (sender) return ArpDropReply{*sender};
  return std::nullopt;
}

/// What the rule would be if it is one of ours: compiling it again tells.
std::optional<OwnRule> candidate(const OwnTable& table, const NftRule& rule) {
  if (table.family == NftFamily::Arp) return arp_rule(rule);
  const NftContext context{[](const auto&) { return std::nullopt; },
                           [](std::uint32_t) { return std::string(); }};
  FilterRule filter = filter_rules(rule, context).front();
  // The one expression that a filter does not have makes it an unknown condition.
  const bool is_masquerade = !rule.expressions.empty() && rule.expressions.back().kind == "masq";
  if (is_masquerade && !filter.conditions.empty()) filter.conditions.pop_back();
  for (const Family family : {Family::Ipv4, Family::Ipv6}) {
    const auto match = match_of(filter, family);
    if (!match) continue;
    if (is_masquerade && match->source) return MasqueradeRule{*match->source, match->out_link};
    if (is_masquerade || rule.family != NFPROTO_INET) continue;
    return AcceptRule{rule.chain == "forward" ? Hook::Forward : Hook::Input, *match};
  }
  return std::nullopt;
}

std::string text_of(const NftRule& rule) {
  std::array<char, 1024> text{};
  const linux_net::NftnlRule made = linux_net::to_nftnl(rule);
  nftnl_rule_snprintf(text.data(), text.size(), made.get(), NFTNL_OUTPUT_DEFAULT, 0);
  return text.data();
}

}  // namespace

std::optional<linux_net::NftBaseChain> base_chain_for(const OwnRule& rule) {
  using Chain = std::optional<linux_net::NftBaseChain>;
  const std::string name = chain_of(rule);
  return std::visit(Overload{
                        [&](const MasqueradeRule&) -> Chain {
                          return {{name, "nat", NF_INET_POST_ROUTING, kSourceNat}};
                        },
                        [&](const AcceptRule& r) -> Chain {
                          const std::uint32_t hook =
                              r.hook == Hook::Forward ? NF_INET_FORWARD : NF_INET_LOCAL_IN;
                          return {{name, "filter", hook, kBeforeFilter}};
                        },
                        [&](const ArpDropRequest&) -> Chain {
                          return {{name, "filter", NF_ARP_IN, 0}};
                        },
                        [&](const ArpRewriteSender&) -> Chain {
                          return {{name, "filter", NF_ARP_OUT, 0}};
                        },
                        [&](const ArpDropReply&) -> Chain {
                          return {{name, "filter", NF_ARP_OUT, 0}};
                        },
                        [](const UnknownRule&) -> Chain { return std::nullopt; },
                    },
                    rule);
}

NftRule compiled(const OwnTable& table, const OwnRule& rule) {
  NftRule made;
  made.family = static_cast<std::uint8_t>(table.family);
  made.table = table.name;
  made.chain = chain_of(rule);
  made.comment = comment_for(table, rule);
  made.expressions = expressions_for(table.family, rule);
  return made;
}

OwnRule read_back(const OwnTable& table, const NftRule& rule) {
  const auto guess = candidate(table, rule);
  if (guess) {
    const NftRule made = compiled(table, *guess);
    if (made.chain == rule.chain && made.comment == rule.comment &&
        made.expressions == rule.expressions)
      return *guess;
  }
  return UnknownRule{text_of(rule)};
}

}  // namespace lvs::profiles
