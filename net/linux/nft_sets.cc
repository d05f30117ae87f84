#include "net/linux/nft_sets.h"

#include <libnftnl/set.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <memory>

#include "net/linux/nft_tables.h"
#include "net/linux/nft_types.h"

namespace lvs::linux_net {
namespace {

/// The elements of one message stand in one attribute, whose length has 16 bits; an element of ours
/// takes 28 bytes, or 40 with an IPv6 address.
constexpr std::size_t kElementsPerMessage = 1024;

struct FreeSet {
  void operator()(nftnl_set* set) const { nftnl_set_free(set); }
};
using Set = std::unique_ptr<nftnl_set, FreeSet>;

/// What a set holds.
struct SetKind {
  std::uint32_t type = 0;
  std::size_t key_bytes = 0;
  std::uint32_t byte_order = 0;  ///< nft's: 0 for a concatenation, 2 for network order
};

Set set_at(const NftSetPlace& place) {
  Set set(nftnl_set_alloc());
  nftnl_set_set_u32(set.get(), NFTNL_SET_FAMILY, place.family);
  nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, place.table.c_str());
  nftnl_set_set_str(set.get(), NFTNL_SET_NAME, place.set.c_str());
  return set;
}

std::string name_of(const NftSetPlace& place) {
  return "set " + place.set + " in " + nft_table_name(place.family, place.table);
}

bool takes(NftTransaction& transaction, const NftSetPlace& place) {
  transaction.check_name(place.table, "table name");
  transaction.check_name(place.set, "set name");
  return !transaction.refused();
}

void add_set(NftTransaction& transaction, const NftSetPlace& place, const SetKind& kind) {
  if (!takes(transaction, place)) return;
  const Set set = set_at(place);
  nftnl_set_set_u32(set.get(), NFTNL_SET_ID, transaction.next_set_id());
  nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, 0);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, kind.type);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, static_cast<std::uint32_t>(kind.key_bytes));
  const UserData data(nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN));
  nftnl_udata_put_u32(data.get(), NFTNL_UDATA_SET_KEYBYTEORDER, kind.byte_order);
  nftnl_set_set_data(set.get(), NFTNL_SET_USERDATA, nftnl_udata_buf_data(data.get()),
                     nftnl_udata_buf_len(data.get()));
  transaction.append({NFT_MSG_NEWSET, place.family, kNftAddOnly}, "add " + name_of(place),
                     [&](nlmsghdr* header) { nftnl_set_nlmsg_build_payload(header, set.get()); });
}

template <typename Value>
void put_elements(nftnl_set* set, std::span<const Value> values) {
  for (const Value& value : values) {
    const auto key = key_of(value);
    nftnl_set_elem* element = nftnl_set_elem_alloc();
    nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key.data(),
                       static_cast<std::uint32_t>(key.size()));
    nftnl_set_elem_add(set, element);  // the set owns it now
  }
}

/// `values_name`: "services", for errors.
template <typename Value>
void change_elements(NftTransaction& transaction, ElementChange change, const NftSetPlace& place,
                     std::span<const Value> values, const std::string& values_name) {
  if (!takes(transaction, place)) return;
  const bool add = change == ElementChange::Add;
  const NftMessage message = add ? NftMessage{NFT_MSG_NEWSETELEM, place.family, NLM_F_CREATE}
                                 : NftMessage{NFT_MSG_DELSETELEM, place.family, 0};
  const std::string verb = add ? "add " + values_name + " to " : "remove " + values_name + " from ";
  while (!values.empty()) {
    const auto part = values.first(std::min(values.size(), kElementsPerMessage));
    values = values.subspan(part.size());
    const Set set = set_at(place);
    put_elements(set.get(), part);
    transaction.append(message, verb + name_of(place), [&](nlmsghdr* header) {
      nftnl_set_elems_nlmsg_build_payload(header, set.get());
    });
  }
}

}  // namespace

void add_nft_service_set(NftTransaction& transaction, const NftSetPlace& place, Family addresses) {
  const std::uint32_t type = addresses == Family::Ipv4 ? kNftServiceType : kNftService6Type;
  add_set(transaction, place, {type, service_key_bytes(addresses), 0});
}

void add_nft_address_set(NftTransaction& transaction, const NftSetPlace& place, Family addresses) {
  const std::uint32_t type = addresses == Family::Ipv4 ? kNftIpv4Addr : kNftIpv6Addr;
  add_set(transaction, place, {type, address_key_bytes(addresses), 2});
}

void change_nft_services(NftTransaction& transaction, ElementChange change,
                         const NftSetPlace& place, std::span<const ServiceTuple> services) {
  change_elements(transaction, change, place, services, "services");
}

void change_nft_addresses(NftTransaction& transaction, ElementChange change,
                          const NftSetPlace& place, std::span<const IpAddr> addresses) {
  change_elements(transaction, change, place, addresses, "addresses");
}

}  // namespace lvs::linux_net
