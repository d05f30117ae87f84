#include "net/linux/nft_ruleset.h"

#include <libnftnl/chain.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <utility>

#include "net/linux/netlink.h"
#include "net/linux/nft_types.h"

namespace lvs::linux_net {
namespace {

constexpr std::uint32_t kOwnedByItsSocket = 2;  // NFT_TABLE_F_OWNER

struct Free {
  void operator()(nftnl_table* table) const { nftnl_table_free(table); }
  void operator()(nftnl_chain* chain) const { nftnl_chain_free(chain); }
  void operator()(nftnl_rule* rule) const { nftnl_rule_free(rule); }
  void operator()(nftnl_set* set) const { nftnl_set_free(set); }
};
template <typename Object>
using Owned = std::unique_ptr<Object, Free>;

constexpr std::uint16_t message_type(std::uint16_t command) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | command);
}

void begin(Request& request, std::uint8_t family) {
  auto& fixed = request.fixed<nfgenmsg>();
  fixed.nfgen_family = family;
  fixed.version = NFNETLINK_V0;
}

/// Dumps one kind of object of every family into `into`.
template <typename Value>
Result<void> dump_into(NetlinkSocket& socket, std::uint16_t command, std::vector<Value>& into,
                       const std::function<std::optional<Value>(const nlmsghdr&)>& read) {
  Request request(message_type(command), 0);
  begin(request, NFPROTO_UNSPEC);
  auto done = socket.dump(
      request, [&] { into.clear(); },
      [&](const nlmsghdr& message) {
        if (auto value = read(message)) into.push_back(*std::move(value));
      });
  if (done) return {};
  const int number = done.error().sys_errno;
  // nfnetlink says EINVAL when nobody has registered nf_tables with it.
  if (number == EINVAL) return fail("this kernel has no nf_tables", EOPNOTSUPP);
  return fail_within("read nf_tables", std::move(done).error());
}

std::optional<NftTableInfo> read_table(const nlmsghdr& message) {
  const Owned<nftnl_table> from(nftnl_table_alloc());
  if (nftnl_table_nlmsg_parse(&message, from.get()) < 0) return std::nullopt;
  NftTableInfo table;
  table.family = static_cast<std::uint8_t>(nftnl_table_get_u32(from.get(), NFTNL_TABLE_FAMILY));
  table.name = text_or_empty(nftnl_table_get_str(from.get(), NFTNL_TABLE_NAME));
  table.owned = (nftnl_table_get_u32(from.get(), NFTNL_TABLE_FLAGS) & kOwnedByItsSocket) != 0;
  std::uint32_t length = 0;
  const void* data = nftnl_table_get_data(from.get(), NFTNL_TABLE_USERDATA, &length);
  if (data != nullptr)
    table.comment =
        comment_in({static_cast<const std::uint8_t*>(data), length}, NFTNL_UDATA_TABLE_COMMENT);
  return table;
}

std::optional<NftChainInfo> read_chain(const nlmsghdr& message) {
  const Owned<nftnl_chain> from(nftnl_chain_alloc());
  if (nftnl_chain_nlmsg_parse(&message, from.get()) < 0) return std::nullopt;
  NftChainInfo chain;
  chain.family = static_cast<std::uint8_t>(nftnl_chain_get_u32(from.get(), NFTNL_CHAIN_FAMILY));
  chain.table = text_or_empty(nftnl_chain_get_str(from.get(), NFTNL_CHAIN_TABLE));
  chain.name = text_or_empty(nftnl_chain_get_str(from.get(), NFTNL_CHAIN_NAME));
  chain.is_base = nftnl_chain_is_set(from.get(), NFTNL_CHAIN_HOOKNUM);
  if (!chain.is_base) return chain;
  chain.type = text_or_empty(nftnl_chain_get_str(from.get(), NFTNL_CHAIN_TYPE));
  chain.hook = nftnl_chain_get_u32(from.get(), NFTNL_CHAIN_HOOKNUM);
  chain.priority = nftnl_chain_get_s32(from.get(), NFTNL_CHAIN_PRIO);
  chain.policy = nftnl_chain_get_u32(from.get(), NFTNL_CHAIN_POLICY);
  return chain;
}

std::optional<NftRule> read_rule(const nlmsghdr& message) {
  const Owned<nftnl_rule> from(nftnl_rule_alloc());
  if (nftnl_rule_nlmsg_parse(&message, from.get()) < 0) return std::nullopt;
  return from_nftnl(from.get());
}

/// A raw element: of an interval set, the end of one interval when `is_end`.
struct Raw {
  NftElement element;
  bool is_end = false;
  bool is_plain = true;
};

Raw read_element(nftnl_set_elem* from) {
  Raw raw;
  std::uint32_t length = 0;
  const auto* key =
      static_cast<const std::uint8_t*>(nftnl_set_elem_get(from, NFTNL_SET_ELEM_KEY, &length));
  if (key != nullptr) raw.element.first.assign(key, key + length);
  raw.element.last = raw.element.first;
  raw.is_plain = key != nullptr && !nftnl_set_elem_is_set(from, NFTNL_SET_ELEM_KEY_END);
  if (nftnl_set_elem_is_set(from, NFTNL_SET_ELEM_FLAGS))
    raw.is_end =
        (nftnl_set_elem_get_u32(from, NFTNL_SET_ELEM_FLAGS) & NFT_SET_ELEM_INTERVAL_END) != 0;
  if (nftnl_set_elem_is_set(from, NFTNL_SET_ELEM_VERDICT))
    raw.element.verdict =
        static_cast<std::int32_t>(nftnl_set_elem_get_u32(from, NFTNL_SET_ELEM_VERDICT));
  if (nftnl_set_elem_is_set(from, NFTNL_SET_ELEM_CHAIN))
    raw.element.chain = text_or_empty(nftnl_set_elem_get_str(from, NFTNL_SET_ELEM_CHAIN));
  return raw;
}

/// One less, as a number of any length.
void step_back(std::vector<std::uint8_t>& bytes) {
  for (std::size_t i = bytes.size(); i-- > 0;)
    if (bytes[i]-- != 0) return;
}

/// The kernel keeps an interval as its first value and, marked as an end, the value behind its
/// last; an interval that goes to the highest value has no end.
std::vector<NftElement> joined_intervals(std::vector<Raw> raws) {
  std::ranges::sort(raws, [](const Raw& a, const Raw& b) {
    if (a.element.first != b.element.first) return a.element.first < b.element.first;
    return a.is_end && !b.is_end;
  });
  std::vector<NftElement> all;
  for (std::size_t i = 0; i < raws.size(); ++i) {
    if (raws[i].is_end) continue;
    NftElement element = raws[i].element;
    if (i + 1 < raws.size()) {
      element.last = raws[i + 1].element.first;
      step_back(element.last);
    } else {
      element.last.assign(element.first.size(), 0xff);
    }
    all.push_back(std::move(element));
  }
  return all;
}

/// One of a set's elements as libnftnl gives them to a function of C.
int keep_element(nftnl_set_elem* element, void* to) {
  static_cast<std::vector<Raw>*>(to)->push_back(read_element(element));
  return 0;
}

Result<bool> is_of_intervals(NetlinkSocket& socket, std::uint8_t family, std::string_view table,
                             std::string_view set) {
  Request request(message_type(NFT_MSG_GETSET), 0);
  begin(request, family);
  request.attr(NFTA_SET_TABLE, table).attr(NFTA_SET_NAME, set);
  std::uint32_t flags = 0;
  LVS_CHECK(socket.transact(request, [&](const nlmsghdr& message) {
    const Owned<nftnl_set> from(nftnl_set_alloc());
    if (nftnl_set_nlmsg_parse(&message, from.get()) >= 0)
      flags = nftnl_set_get_u32(from.get(), NFTNL_SET_FLAGS);
  }));
  return (flags & NFT_SET_INTERVAL) != 0;
}

}  // namespace

bool nft_cannot_be_seen(const Error& error) {
  return error.sys_errno == EOPNOTSUPP || error.sys_errno == EPERM;
}

Result<NftRuleset> read_nft_ruleset() {
  auto socket = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket && socket.error().sys_errno == EPROTONOSUPPORT)
    return fail("this kernel has no netfilter netlink", EOPNOTSUPP);
  if (!socket) return tl::unexpected(std::move(socket).error());
  NftRuleset all;
  LVS_CHECK(dump_into<NftTableInfo>(*socket, NFT_MSG_GETTABLE, all.tables, read_table));
  LVS_CHECK(dump_into<NftChainInfo>(*socket, NFT_MSG_GETCHAIN, all.chains, read_chain));
  LVS_CHECK(dump_into<NftRule>(*socket, NFT_MSG_GETRULE, all.rules, read_rule));
  return all;
}

Result<std::optional<std::vector<NftElement>>> read_nft_set(std::uint8_t family,
                                                            std::string_view table,
                                                            std::string_view set) {
  using Elements = std::optional<std::vector<NftElement>>;
  LVS_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_NETFILTER));
  LVS_TRY(const bool intervals, is_of_intervals(socket, family, table, set));
  std::vector<Raw> raws;
  Request request(message_type(NFT_MSG_GETSETELEM), 0);
  begin(request, family);
  request.attr(NFTA_SET_ELEM_LIST_TABLE, table).attr(NFTA_SET_ELEM_LIST_SET, set);
  LVS_CHECK(socket.dump(
      request, [&] { raws.clear(); },
      [&](const nlmsghdr& message) {
        const Owned<nftnl_set> part(nftnl_set_alloc());
        if (nftnl_set_elems_nlmsg_parse(&message, part.get()) < 0) return;
        nftnl_set_elem_foreach(part.get(), keep_element, &raws);
      }));
  if (!std::ranges::all_of(raws, [](const Raw& raw) { return raw.is_plain; })) return Elements{};
  if (intervals) return Elements{joined_intervals(std::move(raws))};
  std::vector<NftElement> all;
  all.reserve(raws.size());
  for (Raw& raw : raws) all.push_back(std::move(raw.element));
  return Elements{std::move(all)};
}

}  // namespace lvs::linux_net
