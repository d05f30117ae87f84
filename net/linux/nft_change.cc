#include "net/linux/nft_change.h"

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "net/linux/nft_types.h"

namespace lvs::linux_net {
namespace {

constexpr std::uint16_t kAddOnly = NLM_F_CREATE | NLM_F_EXCL;
/// libnftnl writes without looking at the end of its buffer: no message of ours comes near this.
constexpr std::size_t kScratchBytes = std::size_t{64} * 1024;
constexpr std::uint32_t kFirstSequence = 1;
/// NFT_TABLE_F_OWNER of newer headers.
constexpr std::uint32_t kOwnedByItsSocket = 2;

struct FreeTable {
  void operator()(nftnl_table* table) const { nftnl_table_free(table); }
};
struct FreeChain {
  void operator()(nftnl_chain* chain) const { nftnl_chain_free(chain); }
};

std::unique_ptr<nftnl_table, FreeTable> table_at(std::uint8_t family, std::string_view name) {
  std::unique_ptr<nftnl_table, FreeTable> table(nftnl_table_alloc());
  nftnl_table_set_u32(table.get(), NFTNL_TABLE_FAMILY, family);
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, std::string(name).c_str());
  return table;
}

std::string table_name(std::uint8_t family, std::string_view table) {
  return "table " + nft_family_name(family) + " " + std::string(table);
}

/// The kernel's ways to say that it was built without something.
Error explained(Error error) {
  const int number = error.sys_errno;
  const bool no_family = number == EAFNOSUPPORT || number == EPROTONOSUPPORT;
  if (no_family || number == EOPNOTSUPP) {
    error.sys_errno = EOPNOTSUPP;
    error.what += " (this kernel has no nf_tables, or not for this family)";
  }
  return error;
}

}  // namespace

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

NftChange::NftChange() : scratch_(kScratchBytes) {
  const nlmsghdr* begin = nftnl_batch_begin(scratch_.data(), sequence_++);
  bytes_.assign(scratch_.begin(), scratch_.begin() + begin->nlmsg_len);
}

template <typename Build>
void NftChange::append(std::uint16_t type, std::uint8_t family, std::uint16_t flags,
                       std::string name, const Build& build) {
  names_.push_back(std::move(name));
  last_message_ = bytes_.size();
  nlmsghdr* header = nftnl_nlmsg_build_hdr(scratch_.data(), type, family, flags, sequence_++);
  build(header);
  bytes_.insert(bytes_.end(), scratch_.begin(), scratch_.begin() + header->nlmsg_len);
  bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
}

bool NftChange::can_be_said(std::string_view name, std::string_view comment) {
  if (name.empty() || name.size() >= NFT_NAME_MAXLEN)
    refused_ = "the name \"" + std::string(name) + "\" must have 1 to " +
               std::to_string(NFT_NAME_MAXLEN - 1) + " bytes";
  else if (comment.size() >= NFTNL_UDATA_COMMENT_MAXLEN)
    refused_ = "the comment \"" + std::string(comment) + "\" must have at most " +
               std::to_string(NFTNL_UDATA_COMMENT_MAXLEN - 1) + " bytes";
  return refused_.empty();
}

void NftChange::add_table(std::uint8_t family, std::string_view table, std::string_view comment,
                          bool dies_with_socket) {
  if (!can_be_said(table, comment)) return;
  const auto made = table_at(family, table);
  if (dies_with_socket) nftnl_table_set_u32(made.get(), NFTNL_TABLE_FLAGS, kOwnedByItsSocket);
  if (!comment.empty()) {
    const UserData data = comment_data(NFTNL_UDATA_TABLE_COMMENT, comment);
    nftnl_table_set_data(made.get(), NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(data.get()),
                         nftnl_udata_buf_len(data.get()));
  }
  append(NFT_MSG_NEWTABLE, family, kAddOnly, "add " + table_name(family, table),
         [&](nlmsghdr* header) { nftnl_table_nlmsg_build_payload(header, made.get()); });
}

void NftChange::delete_table(std::uint8_t family, std::string_view table) {
  if (!can_be_said(table, "")) return;
  const auto made = table_at(family, table);
  append(NFT_MSG_DELTABLE, family, 0, "delete " + table_name(family, table),
         [&](nlmsghdr* header) { nftnl_table_nlmsg_build_payload(header, made.get()); });
}

void NftChange::add_base_chain(std::uint8_t family, std::string_view table,
                               const NftBaseChain& chain) {
  if (!can_be_said(chain.name, "")) return;
  const std::unique_ptr<nftnl_chain, FreeChain> made(nftnl_chain_alloc());
  nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_FAMILY, family);
  nftnl_chain_set_str(made.get(), NFTNL_CHAIN_TABLE, std::string(table).c_str());
  nftnl_chain_set_str(made.get(), NFTNL_CHAIN_NAME, chain.name.c_str());
  nftnl_chain_set_str(made.get(), NFTNL_CHAIN_TYPE, chain.type.c_str());
  nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_HOOKNUM, chain.hook);
  nftnl_chain_set_s32(made.get(), NFTNL_CHAIN_PRIO, chain.priority);
  nftnl_chain_set_u32(made.get(), NFTNL_CHAIN_POLICY, NF_ACCEPT);
  append(NFT_MSG_NEWCHAIN, family, kAddOnly,
         "add the " + chain.type + " chain " + chain.name + " to " + table_name(family, table),
         [&](nlmsghdr* header) { nftnl_chain_nlmsg_build_payload(header, made.get()); });
}

void NftChange::add_rule(const NftRule& rule, std::uint16_t flags, const std::string& verb) {
  if (!can_be_said(rule.chain, rule.comment)) return;
  const NftnlRule made = to_nftnl(rule);
  append(NFT_MSG_NEWRULE, rule.family, flags,
         verb + " chain " + rule.chain + " of " + table_name(rule.family, rule.table),
         [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, made.get()); });
}

void NftChange::append_rule(const NftRule& rule) {
  add_rule(rule, NLM_F_CREATE | NLM_F_APPEND, "add a rule to");
}

void NftChange::insert_at_head(const NftRule& rule) {
  add_rule(rule, NLM_F_CREATE, "put a rule at the head of");
}

void NftChange::delete_rule(const NftRule& rule) {
  if (rule.handle == 0) {  // it would delete every rule of the chain
    refused_ = "a rule without a handle cannot be deleted";
    return;
  }
  NftRule named = rule;
  named.expressions.clear();
  named.comment.clear();
  const NftnlRule made = to_nftnl(named);
  append(NFT_MSG_DELRULE, rule.family, 0,
         "delete rule handle " + std::to_string(rule.handle) + " of chain " + rule.chain + " of " +
             table_name(rule.family, rule.table),
         [&](nlmsghdr* header) { nftnl_rule_nlmsg_build_payload(header, made.get()); });
}

Result<void> NftChange::commit() {
  auto socket = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket) return tl::unexpected(explained(std::move(socket).error()));
  return commit(*socket);
}

Result<void> NftChange::commit(NetlinkSocket& socket) { return send(socket, Ending::Commit); }

Result<void> NftChange::judge() {
  auto socket = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!socket) return tl::unexpected(explained(std::move(socket).error()));
  return send(*socket, Ending::Abort);
}

/// A batch that never ends is judged and aborted.
Result<void> NftChange::send(NetlinkSocket& socket, Ending ending) {
  NftChange sent = std::exchange(*this, NftChange());
  if (!sent.refused_.empty()) return fail(sent.refused_, EINVAL);
  if (sent.names_.empty()) return {};
  nlmsghdr last{};
  std::memcpy(&last, sent.bytes_.data() + sent.last_message_, sizeof last);
  last.nlmsg_flags |= NLM_F_ACK;  // silence is never taken for success
  std::memcpy(sent.bytes_.data() + sent.last_message_, &last, sizeof last);
  if (ending == Ending::Commit) {
    const nlmsghdr* end = nftnl_batch_end(sent.scratch_.data(), sent.sequence_);
    sent.bytes_.insert(sent.bytes_.end(), sent.scratch_.begin(),
                       sent.scratch_.begin() + end->nlmsg_len);
  }
  const auto name_of = [&](std::uint32_t sequence) -> std::string {
    const std::size_t index = sequence - kFirstSequence - 1;  // the first is the batch's own mark
    return index < sent.names_.size() ? sent.names_[index] : "change nf_tables";
  };
  auto done = socket.transact_batch(sent.bytes_, kFirstSequence, sent.sequence_, name_of);
  if (!done) return tl::unexpected(explained(std::move(done).error()));
  return {};
}

}  // namespace lvs::linux_net
