#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/linux/nft_transaction.h"

// Tables and base chains, as messages of a transaction.

namespace lvs::linux_net {

/// A base chain to be made, policy accept.
struct NftBaseChain {
  std::string name;
  std::string type = "filter";
  std::uint32_t hook = 0;  ///< NF_INET_LOCAL_IN, NF_ARP_IN …
  std::int32_t priority = 0;
  std::string link{};  ///< whose ingress it is at (NF_NETDEV_INGRESS); empty for every other hook
};

/// Fails with EEXIST when the table is there. `comment` is its userdata, which nft(8) shows;
/// `flags` are NFT_TABLE_F_….
void add_nft_table(NftTransaction& transaction, std::uint8_t family, std::string_view table,
                   std::string_view comment, std::uint32_t flags = 0);
void delete_nft_table(NftTransaction& transaction, std::uint8_t family, std::string_view table);
void add_nft_base_chain(NftTransaction& transaction, std::uint8_t family, std::string_view table,
                        const NftBaseChain& chain);

/// "ip6", as nft writes the family.
std::string nft_family_name(std::uint8_t family);
/// "table inet filter", as nft writes a table.
std::string nft_table_name(std::uint8_t family, std::string_view table);

}  // namespace lvs::linux_net
