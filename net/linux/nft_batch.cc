#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "net/linux/netlink.h"
#include "net/linux/nft_rules.h"
#include "net/linux/nft_types.h"
#include "net/linux/nftables.h"
#include "net/linux/rtnetlink.h"

namespace lvs::linux_net {
namespace {

constexpr std::uint16_t kAddOnly = NLM_F_CREATE | NLM_F_EXCL;
/// libnftnl writes without looking at the end of its buffer: no message of ours comes near this.
constexpr std::size_t kScratchBytes = std::size_t{128} * 1024;
/// The elements of one message stand in one attribute, whose length has 16 bits; an element of ours
/// takes 28 bytes, or 40 with an IPv6 address.
constexpr std::size_t kElementsPerMessage = 1024;
constexpr std::uint32_t kFirstSequence = 1;

struct FreeTable {
  void operator()(nftnl_table* table) const { nftnl_table_free(table); }
};
struct FreeChain {
  void operator()(nftnl_chain* chain) const { nftnl_chain_free(chain); }
};
struct FreeSet {
  void operator()(nftnl_set* set) const { nftnl_set_free(set); }
};
using Table = std::unique_ptr<nftnl_table, FreeTable>;
using Chain = std::unique_ptr<nftnl_chain, FreeChain>;
using Set = std::unique_ptr<nftnl_set, FreeSet>;

/// Where a set is, and what it holds.
struct SetPlace {
  std::uint8_t family = 0;
  std::string table;
  std::string set;
};
struct SetKind {
  std::uint32_t type = 0;
  std::size_t key_bytes = 0;
  std::uint32_t byte_order = 0;  ///< nft's: 0 for a concatenation, 2 for network order
};

SetKind service_set(Family family) {
  return {family == Family::Ipv4 ? kNftServiceType : kNftService6Type, service_key_bytes(family),
          0};
}
SetKind address_set(Family family) {
  return {family == Family::Ipv4 ? kNftIpv4Addr : kNftIpv6Addr, address_key_bytes(family), 2};
}

Set set_at(const SetPlace& place) {
  Set set(nftnl_set_alloc());
  nftnl_set_set_u32(set.get(), NFTNL_SET_FAMILY, place.family);
  nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, place.table.c_str());
  nftnl_set_set_str(set.get(), NFTNL_SET_NAME, place.set.c_str());
  return set;
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

}  // namespace

struct NftBatch::State {
  /// Builds one message with `build(header)` and appends it. `name` is what an error calls it.
  template <typename Build>
  void append(std::uint16_t type, std::uint8_t family, std::uint16_t flags, std::string name,
              const Build& build) {
    names.push_back(std::move(name));
    last_message = bytes.size();
    nlmsghdr* header = nftnl_nlmsg_build_hdr(scratch.data(), type, family, flags, next_sequence());
    build(header);
    take(header);
  }

  template <typename Value>
  void change_elements(std::uint16_t type, std::string_view verb, const SetPlace& place,
                       std::span<const Value> values);
  void add_set(const SetPlace& place, const SetKind& kind);
  bool takes_rule(const RulePlace& place, const std::string& set);
  void add_rule(const char* what, const RulePlace& place, const Rule& rule);

  void check_name(std::string_view name, std::string_view what, std::size_t longest) {
    if (!name.empty() && name.size() <= longest) return;
    refuse("the " + std::string(what) + " \"" + std::string(name) + "\" must have 1 to " +
           std::to_string(longest) + " bytes");
  }
  void check_names(std::string_view table, std::string_view inner) {
    check_name(table, "table name", NFT_NAME_MAXLEN - 1);
    check_name(inner, "name", NFT_NAME_MAXLEN - 1);
  }
  void check_comment(std::string_view comment) {
    if (!comment.empty()) check_name(comment, "comment", NFTNL_UDATA_COMMENT_MAXLEN - 1);
  }
  void refuse(std::string why) {
    if (!refused) refused = Error{std::move(why), EINVAL};
  }

  /// Puts a batch mark: NFNL_MSG_BATCH_BEGIN or END.
  void mark(nlmsghdr* (*build)(char*, std::uint32_t)) {
    take(build(scratch.data(), next_sequence()));
  }
  void take(const nlmsghdr* message) {
    bytes.insert(bytes.end(), scratch.begin(), scratch.begin() + message->nlmsg_len);
    bytes.resize((bytes.size() + 3) & ~std::size_t{3});
  }
  /// Asks for the acknowledgement that shows success.
  void ask_for_answer() {
    nlmsghdr header{};
    std::memcpy(&header, bytes.data() + last_message, sizeof header);
    header.nlmsg_flags |= NLM_F_ACK;
    std::memcpy(bytes.data() + last_message, &header, sizeof header);
  }
  std::uint32_t next_sequence() { return sequence++; }
  std::string name_of(std::uint32_t message) const {
    const std::size_t index = message - kFirstSequence - 1;  // the first is the batch's own mark
    return index < names.size() ? names[index] : "change nf_tables";
  }

  std::vector<char> scratch = std::vector<char>(kScratchBytes);
  std::vector<std::uint8_t> bytes;
  std::vector<std::string> names;
  std::size_t last_message = 0;
  std::uint32_t sequence = kFirstSequence;
  std::uint32_t next_set_id = 1;
  std::vector<std::string> links;  ///< that chains are bound to
  std::optional<Error> refused;    ///< something that cannot be said in a message
};

namespace {

/// netdev, inet … as nft writes them.
std::string family_name(std::uint8_t family) {
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

std::string in_table(std::uint8_t family, std::string_view table) {
  return " in table " + family_name(family) + " " + std::string(table);
}

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

}  // namespace

NftBatch::NftBatch() : state_(std::make_unique<State>()) {
  state_->mark(
      [](char* buffer, std::uint32_t sequence) { return nftnl_batch_begin(buffer, sequence); });
}
NftBatch::~NftBatch() = default;
NftBatch::NftBatch(NftBatch&&) noexcept = default;
NftBatch& NftBatch::operator=(NftBatch&&) noexcept = default;

void NftBatch::add_table(std::uint8_t family, std::string_view table, std::string_view comment) {
  state_->check_name(table, "table name", NFT_NAME_MAXLEN - 1);
  state_->check_comment(comment);
  if (state_->refused) return;
  const Table value(nftnl_table_alloc());
  nftnl_table_set_u32(value.get(), NFTNL_TABLE_FAMILY, family);
  nftnl_table_set_str(value.get(), NFTNL_TABLE_NAME, std::string(table).c_str());
  if (!comment.empty()) {
    const UserData data = comment_data(NFTNL_UDATA_TABLE_COMMENT, comment);
    nftnl_table_set_data(value.get(), NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(data.get()),
                         nftnl_udata_buf_len(data.get()));
  }
  state_->append(NFT_MSG_NEWTABLE, family, kAddOnly,
                 "add table " + family_name(family) + " " + std::string(table),
                 [&](nlmsghdr* header) { nftnl_table_nlmsg_build_payload(header, value.get()); });
}

void NftBatch::delete_table(std::uint8_t family, std::string_view table) {
  state_->check_name(table, "table name", NFT_NAME_MAXLEN - 1);
  if (state_->refused) return;
  const Table value(nftnl_table_alloc());
  nftnl_table_set_u32(value.get(), NFTNL_TABLE_FAMILY, family);
  nftnl_table_set_str(value.get(), NFTNL_TABLE_NAME, std::string(table).c_str());
  state_->append(NFT_MSG_DELTABLE, family, 0,
                 "delete table " + family_name(family) + " " + std::string(table),
                 [&](nlmsghdr* header) { nftnl_table_nlmsg_build_payload(header, value.get()); });
}

void NftBatch::add_ingress_chain(std::string_view table, std::string_view chain,
                                 std::string_view link, std::int32_t priority) {
  state_->check_names(table, chain);
  state_->check_name(link, "link name", IFNAMSIZ - 1);
  if (state_->refused) return;
  const Chain value(nftnl_chain_alloc());
  nftnl_chain_set_u32(value.get(), NFTNL_CHAIN_FAMILY, NFPROTO_NETDEV);
  nftnl_chain_set_str(value.get(), NFTNL_CHAIN_TABLE, std::string(table).c_str());
  nftnl_chain_set_str(value.get(), NFTNL_CHAIN_NAME, std::string(chain).c_str());
  nftnl_chain_set_str(value.get(), NFTNL_CHAIN_TYPE, "filter");
  nftnl_chain_set_u32(value.get(), NFTNL_CHAIN_HOOKNUM, NF_NETDEV_INGRESS);
  nftnl_chain_set_s32(value.get(), NFTNL_CHAIN_PRIO, priority);
  nftnl_chain_set_u32(value.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
  nftnl_chain_set_str(value.get(), NFTNL_CHAIN_DEV, std::string(link).c_str());
  state_->links.emplace_back(link);
  state_->append(NFT_MSG_NEWCHAIN, NFPROTO_NETDEV, kAddOnly,
                 "add chain " + std::string(chain) + " at the ingress of " + std::string(link) +
                     in_table(NFPROTO_NETDEV, table),
                 [&](nlmsghdr* header) { nftnl_chain_nlmsg_build_payload(header, value.get()); });
}

void NftBatch::State::add_set(const SetPlace& place, const SetKind& kind) {
  check_names(place.table, place.set);
  if (refused) return;
  const Set set = set_at(place);
  nftnl_set_set_u32(set.get(), NFTNL_SET_ID, next_set_id++);
  nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, 0);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, kind.type);
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, static_cast<std::uint32_t>(kind.key_bytes));
  const UserData data(nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN));
  nftnl_udata_put_u32(data.get(), NFTNL_UDATA_SET_KEYBYTEORDER, kind.byte_order);
  nftnl_set_set_data(set.get(), NFTNL_SET_USERDATA, nftnl_udata_buf_data(data.get()),
                     nftnl_udata_buf_len(data.get()));
  append(NFT_MSG_NEWSET, place.family, kAddOnly,
         "add set " + place.set + in_table(place.family, place.table),
         [&](nlmsghdr* header) { nftnl_set_nlmsg_build_payload(header, set.get()); });
}

void NftBatch::add_service_set(std::uint8_t family, std::string_view table, std::string_view set,
                               Family addresses) {
  state_->add_set({family, std::string(table), std::string(set)}, service_set(addresses));
}

void NftBatch::add_address_set(std::uint8_t family, std::string_view table, std::string_view set,
                               Family addresses) {
  state_->add_set({family, std::string(table), std::string(set)}, address_set(addresses));
}

template <typename Value>
void NftBatch::State::change_elements(std::uint16_t type, std::string_view verb,
                                      const SetPlace& place, std::span<const Value> values) {
  check_names(place.table, place.set);
  if (refused) return;
  const std::uint16_t flags = type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0;
  while (!values.empty()) {
    const auto part = values.first(std::min(values.size(), kElementsPerMessage));
    values = values.subspan(part.size());
    const Set set = set_at(place);
    put_elements(set.get(), part);
    append(type, place.family, flags,
           std::string(verb) + " set " + place.set + in_table(place.family, place.table),
           [&](nlmsghdr* header) { nftnl_set_elems_nlmsg_build_payload(header, set.get()); });
  }
}

void NftBatch::add_services(std::uint8_t family, std::string_view table, std::string_view set,
                            std::span<const ServiceTuple> services) {
  state_->change_elements(NFT_MSG_NEWSETELEM, "add services to",
                          {family, std::string(table), std::string(set)}, services);
}

void NftBatch::remove_services(std::uint8_t family, std::string_view table, std::string_view set,
                               std::span<const ServiceTuple> services) {
  state_->change_elements(NFT_MSG_DELSETELEM, "remove services from",
                          {family, std::string(table), std::string(set)}, services);
}

void NftBatch::add_addresses(std::uint8_t family, std::string_view table, std::string_view set,
                             std::span<const IpAddr> addresses) {
  state_->change_elements(NFT_MSG_NEWSETELEM, "add addresses to",
                          {family, std::string(table), std::string(set)}, addresses);
}

void NftBatch::remove_addresses(std::uint8_t family, std::string_view table, std::string_view set,
                                std::span<const IpAddr> addresses) {
  state_->change_elements(NFT_MSG_DELSETELEM, "remove addresses from",
                          {family, std::string(table), std::string(set)}, addresses);
}

void NftBatch::State::add_rule(const char* what, const RulePlace& place, const Rule& rule) {
  append(NFT_MSG_NEWRULE, place.family, NLM_F_CREATE | NLM_F_APPEND,
         std::string(what) + " to chain " + place.chain + in_table(place.family, place.table),
         [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, rule.get()); });
}

bool NftBatch::State::takes_rule(const RulePlace& place, const std::string& set) {
  check_names(place.table, place.chain);
  check_name(set, "set name", NFT_NAME_MAXLEN - 1);
  check_comment(place.comment);
  return !refused;
}

void NftBatch::drop_services(const RulePlace& place, Family family, const std::string& set) {
  if (!state_->takes_rule(place, set)) return;
  state_->add_rule("add the rule for services", place, drop_services_rule(place, family, set));
}

void NftBatch::drop_fragments_to(const RulePlace& place, Family family, const std::string& set) {
  if (!state_->takes_rule(place, set)) return;
  state_->add_rule("add the rule for fragments", place, drop_fragments_rule(place, family, set));
}

void NftBatch::drop_replies(const RulePlace& place, Family family, const ReplySets& sets) {
  if (!state_->takes_rule(place, sets.replies) || !state_->takes_rule(place, sets.own)) return;
  state_->add_rule("add the rule for replies", place, drop_replies_rule(place, family, sets));
}

Result<void> NftBatch::commit() {
  // What is sent is spent: whatever comes of it, this object is an empty transaction again.
  const NftBatch sent = std::exchange(*this, NftBatch());
  State& state = *sent.state_;
  if (state.refused) return tl::unexpected(*state.refused);
  if (state.names.empty()) return {};
  LVS_CHECK(check_links(state.links));

  state.ask_for_answer();
  state.mark(
      [](char* buffer, std::uint32_t sequence) { return nftnl_batch_end(buffer, sequence); });
  LVS_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_NETFILTER));
  return socket.transact_batch(state.bytes, kFirstSequence, state.sequence,
                               [&](std::uint32_t sequence) { return state.name_of(sequence); });
}

}  // namespace lvs::linux_net
