#include "net/linux/nft_trace.h"

#include <libnftnl/trace.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <array>
#include <map>
#include <memory>
#include <utility>

#include "net/linux/nft_change.h"

namespace lvs::linux_net {
namespace {

constexpr const char* kTable = "lvskit_trace";
constexpr const char* kChain = "mark";
/// Before conntrack (-200) and raw (-300).
constexpr std::int32_t kFirst = -350;

struct FreeTrace {
  void operator()(nftnl_trace* trace) const { nftnl_trace_free(trace); }
};

std::string text_of(const nftnl_trace* trace, std::uint16_t attribute) {
  const char* text = nftnl_trace_get_str(trace, attribute);
  return text == nullptr ? "" : text;
}

/// The kernel does not show the packet's headers with each event: the last ones that it showed of
/// the same packet.
using Headers = std::map<std::uint32_t, std::vector<std::uint8_t>>;

void take(const nlmsghdr& message, Headers& headers, std::vector<TraceEvent>& events) {
  if (message.nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE)) return;
  const std::unique_ptr<nftnl_trace, FreeTrace> trace(nftnl_trace_alloc());
  if (nftnl_trace_nlmsg_parse(&message, trace.get()) < 0) return;
  std::uint32_t length = 0;
  const auto* shown = static_cast<const std::uint8_t*>(
      nftnl_trace_get_data(trace.get(), NFTNL_TRACE_NETWORK_HEADER, &length));
  std::vector<std::uint8_t>& header = headers[nftnl_trace_get_u32(trace.get(), NFTNL_TRACE_ID)];
  if (shown != nullptr) header.assign(shown, shown + length);
  TraceEvent event;
  event.network_header = header;
  event.family = static_cast<std::uint8_t>(nftnl_trace_get_u32(trace.get(), NFTNL_TRACE_FAMILY));
  event.table = text_of(trace.get(), NFTNL_TRACE_TABLE);
  event.chain = text_of(trace.get(), NFTNL_TRACE_CHAIN);
  if (event.table == kTable) return;
  const std::uint32_t type = nftnl_trace_get_u32(trace.get(), NFTNL_TRACE_TYPE);
  if (type == NFT_TRACETYPE_RULE) {
    event.handle = nftnl_trace_get_u64(trace.get(), NFTNL_TRACE_RULE_HANDLE);
    event.dropped = nftnl_trace_get_u32(trace.get(), NFTNL_TRACE_VERDICT) == NF_DROP;
  } else if (type == NFT_TRACETYPE_POLICY) {
    event.dropped = nftnl_trace_get_u32(trace.get(), NFTNL_TRACE_POLICY) == NF_DROP;
  }
  events.push_back(std::move(event));
}

}  // namespace

Result<NftTrace> NftTrace::start(const std::vector<std::vector<NftExpression>>& matches) {
  constexpr std::array<unsigned, 1> groups{NFNLGRP_NFTRACE};
  LVS_TRY(NetlinkSocket listener, NetlinkSocket::open(NETLINK_NETFILTER, groups));
  LVS_TRY(NetlinkSocket owner, NetlinkSocket::open(NETLINK_NETFILTER));
  NftChange change;
  change.add_table(NFPROTO_INET, kTable, "lvskit: a probe, gone in a moment", true);
  change.add_base_chain(NFPROTO_INET, kTable, {kChain, "filter", NF_INET_PRE_ROUTING, kFirst});
  for (const std::vector<NftExpression>& match : matches) {
    NftRule rule;
    rule.family = NFPROTO_INET;
    rule.table = kTable;
    rule.chain = kChain;
    rule.expressions = match;
    rule.expressions.push_back({.kind = "immediate", .into = NFT_REG_1, .data = {1}});
    rule.expressions.push_back({.kind = "meta", .key = NFT_META_NFTRACE, .from = NFT_REG_1});
    change.append_rule(rule);
  }
  LVS_CHECK(change.commit(owner));
  return NftTrace(std::move(owner), std::move(listener));
}

Result<std::vector<TraceEvent>> NftTrace::events() {
  std::vector<TraceEvent> all;
  Headers headers;
  LVS_TRY([[maybe_unused]] const bool complete,
          listener_.pending([&](const nlmsghdr& message) { take(message, headers, all); }));
  return all;
}

}  // namespace lvs::linux_net
