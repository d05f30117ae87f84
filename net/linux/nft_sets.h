#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/linux/nft_transaction.h"
#include "net/linux/nftables.h"

// Sets of services and of addresses, as messages of a transaction.

namespace lvs::linux_net {

struct NftSetPlace {
  std::uint8_t family = 0;  ///< the table's
  std::string table;
  std::string set;
};

/// `addresses`: the family of what it holds.
void add_nft_service_set(NftTransaction& transaction, const NftSetPlace& place, Family addresses);
void add_nft_address_set(NftTransaction& transaction, const NftSetPlace& place, Family addresses);

enum class ElementChange : std::uint8_t { Add, Remove };
void change_nft_services(NftTransaction& transaction, ElementChange change,
                         const NftSetPlace& place, std::span<const ServiceTuple> services);
void change_nft_addresses(NftTransaction& transaction, ElementChange change,
                          const NftSetPlace& place, std::span<const IpAddr> addresses);

}  // namespace lvs::linux_net
