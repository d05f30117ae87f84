#include "net/linux/nft_tables.h"

#include <libnftnl/chain.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>

#include <memory>

#include "net/linux/nft_types.h"

namespace lvs::linux_net {
namespace {

struct FreeTable {
  void operator()(nftnl_table* table) const { nftnl_table_free(table); }
};
struct FreeChain {
  void operator()(nftnl_chain* chain) const { nftnl_chain_free(chain); }
};
using Table = std::unique_ptr<nftnl_table, FreeTable>;

Table table_at(std::uint8_t family, std::string_view name) {
  Table table(nftnl_table_alloc());
  nftnl_table_set_u32(table.get(), NFTNL_TABLE_FAMILY, family);
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, std::string(name).c_str());
  return table;
}

std::string name_of(const NftBaseChain& chain) {
  if (chain.link.empty()) return "the " + chain.type + " chain " + chain.name;
  return "chain " + chain.name + " at the ingress of " + chain.link;
}

}  // namespace

void add_nft_table(NftTransaction& transaction, std::uint8_t family, std::string_view table,
                   std::string_view comment, std::uint32_t flags) {
  transaction.check_name(table, "table name");
  transaction.check_comment(comment);
  if (transaction.refused()) return;
  const Table made = table_at(family, table);
  if (flags != 0) nftnl_table_set_u32(made.get(), NFTNL_TABLE_FLAGS, flags);
  if (!comment.empty()) {
    const UserData data = comment_data(NFTNL_UDATA_TABLE_COMMENT, comment);
    nftnl_table_set_data(made.get(), NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(data.get()),
                         nftnl_udata_buf_len(data.get()));
  }
  transaction.append(
      {NFT_MSG_NEWTABLE, family, kNftAddOnly}, "add " + nft_table_name(family, table),
      [&](nlmsghdr* header) { nftnl_table_nlmsg_build_payload(header, made.get()); });
}

void delete_nft_table(NftTransaction& transaction, std::uint8_t family, std::string_view table) {
  transaction.check_name(table, "table name");
  if (transaction.refused()) return;
  const Table made = table_at(family, table);
  transaction.append(
      {NFT_MSG_DELTABLE, family, 0}, "delete " + nft_table_name(family, table),
      [&](nlmsghdr* header) { nftnl_table_nlmsg_build_payload(header, made.get()); });
}

void add_nft_base_chain(NftTransaction& transaction, std::uint8_t family, std::string_view table,
                        const NftBaseChain& chain) {
  transaction.check_name(table, "table name");
  transaction.check_name(chain.name, "chain name");
  if (!chain.link.empty()) transaction.check_name(chain.link, "link name", IFNAMSIZ - 1);
  if (transaction.refused()) return;
  const std::unique_ptr<nftnl_chain, FreeChain> made(nftnl_chain_alloc());
  nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_FAMILY, family);
  nftnl_chain_set_str(made.get(), NFTNL_CHAIN_TABLE, std::string(table).c_str());
  nftnl_chain_set_str(made.get(), NFTNL_CHAIN_NAME, chain.name.c_str());
  nftnl_chain_set_str(made.get(), NFTNL_CHAIN_TYPE, chain.type.c_str());
  nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_HOOKNUM, chain.hook);
  nftnl_chain_set_s32(made.get(), NFTNL_CHAIN_PRIO, chain.priority);
  nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
  if (!chain.link.empty()) nftnl_chain_set_str(made.get(), NFTNL_CHAIN_DEV, chain.link.c_str());
  transaction.append(
      {NFT_MSG_NEWCHAIN, family, kNftAddOnly},
      "add " + name_of(chain) + " to " + nft_table_name(family, table),
      [&](nlmsghdr* header) { nftnl_chain_nlmsg_build_payload(header, made.get()); });
}

std::string nft_family_name(std::uint8_t family) {
  switch (family) {
    case NFPROTO_INET:
      return "inet";
    case NFPROTO_IPV4:
      return "ip";
    case NFPROTO_IPV6:
      return "ip6";
    case NFPROTO_ARP:
      return "arp";
    case NFPROTO_NETDEV:
      return "netdev";
    case NFPROTO_BRIDGE:
      return "bridge";
    default:
      return "family " + std::to_string(family);
  }
}

std::string nft_table_name(std::uint8_t family, std::string_view table) {
  return "table " + nft_family_name(family) + " " + std::string(table);
}

}  // namespace lvs::linux_net
