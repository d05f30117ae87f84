#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <tuple>
#include <utility>

#include "net/linux/netlink.h"
#include "net/linux/nft_types.h"
#include "net/linux/nftables.h"

namespace lvs::linux_net {
namespace {

/// What of libnftnl reads one kind of object.
template <typename Object, Object* (*Alloc)(), void (*Free)(const Object*),
          int (*Parse)(const nlmsghdr*, Object*)>
struct Kind {
  struct Delete {
    void operator()(Object* object) const { Free(object); }
  };
  using Pointer = std::unique_ptr<Object, Delete>;
  /// Null when the message cannot be read.
  static Pointer read(const nlmsghdr& message) {
    Pointer object(Alloc());
    return Parse(&message, object.get()) < 0 ? nullptr : std::move(object);
  }
};
using TableKind = Kind<nftnl_table, nftnl_table_alloc, nftnl_table_free, nftnl_table_nlmsg_parse>;
using ChainKind = Kind<nftnl_chain, nftnl_chain_alloc, nftnl_chain_free, nftnl_chain_nlmsg_parse>;
using RuleKind = Kind<nftnl_rule, nftnl_rule_alloc, nftnl_rule_free, nftnl_rule_nlmsg_parse>;
using SetKind = Kind<nftnl_set, nftnl_set_alloc, nftnl_set_free, nftnl_set_nlmsg_parse>;

void begin(Request& request, std::uint8_t family) {
  auto& fixed = request.fixed<nfgenmsg>();
  fixed.nfgen_family = family;
  fixed.version = NFNETLINK_V0;
}

constexpr std::uint16_t message_type(std::uint16_t command) {
  return static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | command);
}

/// Dumps one kind of object and gives each to `use`. What is gone meanwhile (ENOENT) is no error: a
/// table may be deleted between two of our questions.
template <typename ObjectKind, typename Use>
Result<void> dump_each(NetlinkSocket& socket, Request& request, const Use& use) {
  std::vector<typename ObjectKind::Pointer> all;
  const auto read = socket.dump(
      request, [&] { all.clear(); },
      [&](const nlmsghdr& message) {
        if (auto object = ObjectKind::read(message)) all.push_back(std::move(object));
      });
  if (!read && read.error().sys_errno == ENOENT) return {};
  if (!read) return fail_within("read nf_tables", read.error());
  for (const auto& object : all) use(object.get());
  return {};
}

Result<std::vector<NftTable>> read_tables(NetlinkSocket& socket, std::string_view prefix) {
  std::vector<NftTable> tables;
  Request request(message_type(NFT_MSG_GETTABLE), 0);
  begin(request, NFPROTO_UNSPEC);
  const auto read = dump_each<TableKind>(socket, request, [&](const nftnl_table* from) {
    NftTable table;
    table.name = text_or_empty(nftnl_table_get_str(from, NFTNL_TABLE_NAME));
    if (!std::string_view(table.name).starts_with(prefix)) return;
    table.family = static_cast<std::uint8_t>(nftnl_table_get_u32(from, NFTNL_TABLE_FAMILY));
    std::uint32_t length = 0;
    const void* data = nftnl_table_get_data(from, NFTNL_TABLE_USERDATA, &length);
    if (data != nullptr)
      table.comment =
          comment_in({static_cast<const std::uint8_t*>(data), length}, NFTNL_UDATA_TABLE_COMMENT);
    tables.push_back(std::move(table));
  });
  if (read) return tables;
  // nfnetlink says EINVAL when nobody has registered nf_tables with it.
  Error error = read.error();
  if (error.sys_errno == EINVAL) error = {"this kernel has no nf_tables", EOPNOTSUPP};
  return tl::unexpected(std::move(error));
}

Result<void> read_links(NetlinkSocket& socket, NftTable& table) {
  Request request(message_type(NFT_MSG_GETCHAIN), 0);
  begin(request, table.family);
  return dump_each<ChainKind>(socket, request, [&](const nftnl_chain* chain) {
    if (text_or_empty(nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE)) != table.name) return;
    if (nftnl_chain_get_u32(chain, NFTNL_CHAIN_FAMILY) != table.family) return;
    const char* one = nftnl_chain_get_str(chain, NFTNL_CHAIN_DEV);
    if (one != nullptr) table.links.emplace_back(one);
    const auto* many = static_cast<const char* const*>(nftnl_chain_get(chain, NFTNL_CHAIN_DEVICES));
    for (; many != nullptr && *many != nullptr; ++many) table.links.emplace_back(*many);
  });
}

Result<void> read_rules(NetlinkSocket& socket, NftTable& table) {
  Request request(message_type(NFT_MSG_GETRULE), 0);
  begin(request, table.family);
  request.attr(NFTA_RULE_TABLE, std::string_view(table.name));
  return dump_each<RuleKind>(socket, request, [&](nftnl_rule* rule) {
    table.rules.push_back(from_nftnl(rule));
    const auto add_counter = [](nftnl_expr* expression, void* sum) {
      const char* name = nftnl_expr_get_str(expression, NFTNL_EXPR_NAME);
      if (text_or_empty(name) == "counter")
        *static_cast<std::uint64_t*>(sum) += nftnl_expr_get_u64(expression, NFTNL_EXPR_CTR_PACKETS);
      return 0;
    };
    nftnl_expr_foreach(rule, add_counter, &table.dropped_packets);
  });
}

struct SetName {
  std::string name;
  std::uint32_t key_type = 0;
};

Result<std::vector<SetName>> read_set_names(NetlinkSocket& socket, const NftTable& table) {
  std::vector<SetName> sets;
  Request request(message_type(NFT_MSG_GETSET), 0);
  begin(request, table.family);
  request.attr(NFTA_SET_TABLE, std::string_view(table.name));
  LVS_CHECK(dump_each<SetKind>(socket, request, [&](const nftnl_set* set) {
    sets.push_back({text_or_empty(nftnl_set_get_str(set, NFTNL_SET_NAME)),
                    nftnl_set_get_u32(set, NFTNL_SET_KEY_TYPE)});
  }));
  return sets;
}

void take_element(nftnl_set_elem* element, std::uint32_t key_type, NftSet& set) {
  std::uint32_t length = 0;
  const void* data = nftnl_set_elem_get(element, NFTNL_SET_ELEM_KEY, &length);
  if (data == nullptr) return;
  const std::span<const std::uint8_t> key(static_cast<const std::uint8_t*>(data), length);
  if (key_type == kNftServiceType || key_type == kNftService6Type) {
    if (const auto service = service_from_key(key)) set.services.push_back(*service);
  } else if (key_type == kNftIpv4Addr || key_type == kNftIpv6Addr) {
    if (const auto address = address_from_key(key)) set.addresses.push_back(*address);
  }
}

/// A set whose elements are being read.
struct Taking {
  std::uint32_t key_type = 0;
  NftSet set;
};

int take_into(nftnl_set_elem* element, void* to) {
  auto* into = static_cast<Taking*>(to);
  take_element(element, into->key_type, into->set);
  return 0;
}

Result<void> read_elements(NetlinkSocket& socket, const SetName& name, NftTable& table) {
  Taking taking{name.key_type, {.name = name.name}};
  using ElementKind = Kind<nftnl_set, nftnl_set_alloc, nftnl_set_free, nftnl_set_elems_nlmsg_parse>;
  Request request(message_type(NFT_MSG_GETSETELEM), 0);
  begin(request, table.family);
  request.attr(NFTA_SET_ELEM_LIST_TABLE, std::string_view(table.name));
  request.attr(NFTA_SET_ELEM_LIST_SET, std::string_view(name.name));
  LVS_CHECK(dump_each<ElementKind>(
      socket, request, [&](nftnl_set* part) { nftnl_set_elem_foreach(part, take_into, &taking); }));
  table.sets.push_back(std::move(taking.set));
  return {};
}

template <typename Value>
void sort_once(std::vector<Value>& values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

Result<void> fill(NetlinkSocket& socket, NftTable& table) {
  LVS_CHECK(read_links(socket, table));
  LVS_CHECK(read_rules(socket, table));
  LVS_TRY(const std::vector<SetName> sets, read_set_names(socket, table));
  for (const SetName& set : sets) LVS_CHECK(read_elements(socket, set, table));
  std::ranges::sort(table.sets, {}, &NftSet::name);
  for (NftSet& set : table.sets) {
    sort_once(set.services);
    sort_once(set.addresses);
    table.services.insert(table.services.end(), set.services.begin(), set.services.end());
    table.addresses.insert(table.addresses.end(), set.addresses.begin(), set.addresses.end());
  }
  sort_once(table.services);
  sort_once(table.addresses);
  sort_once(table.links);
  return {};
}

}  // namespace

Result<std::vector<NftTable>> find_tables(std::string_view name_prefix) {
  LVS_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_NETFILTER));
  LVS_TRY(std::vector<NftTable> tables, read_tables(socket, name_prefix));
  for (NftTable& table : tables) LVS_CHECK(fill(socket, table));
  std::ranges::sort(tables, {},
                    [](const NftTable& table) { return std::tie(table.family, table.name); });
  return tables;
}

}  // namespace lvs::linux_net
