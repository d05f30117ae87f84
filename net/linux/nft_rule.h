#pragma once

#include <libnftnl/rule.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Rules of nf_tables as plain values: what libnftnl's objects hold, comparable and printable.

namespace lvs::linux_net {

/// One expression. Which members mean something depends on `kind`, which is the kernel's name:
/// meta, ct (key, into, from) · payload (key: which header, offset, length, into; from: it writes)
/// · cmp (from, op, data) · range (from, op, data, more) · bitwise (from, into, length, data: mask,
/// more: what is flipped) · immediate (into and data, or verdict and name: the chain) · lookup
/// (from, into, name: the set, op: flags) · exthdr (key: its type, offset, length, op: flags, into)
/// · match and target (name, op: revision, data: what
/// x_tables knows of it). Counters' values are not part of it.
struct NftExpression {
  std::string kind;
  std::uint32_t key = 0;
  std::uint32_t offset = 0;
  std::uint32_t length = 0;
  std::uint32_t from = 0;  ///< source register
  std::uint32_t into = 0;  ///< destination register
  std::uint32_t op = 0;
  std::vector<std::uint8_t> data{};
  std::vector<std::uint8_t> more{};
  std::optional<std::int32_t> verdict{};  ///< NF_ACCEPT, NF_DROP, NFT_JUMP …
  std::string name{};
  friend bool operator==(const NftExpression&, const NftExpression&) = default;
};

struct NftRule {
  std::uint8_t family = 0;
  std::string table;
  std::string chain;
  std::uint64_t handle = 0;  ///< the kernel's; 0: not there yet
  std::string comment;       ///< userdata, as nft and iptables-nft show it
  std::vector<NftExpression> expressions;
  std::uint64_t packets = 0;  ///< sum of its counters
};

struct FreeNftnlRule {
  void operator()(nftnl_rule* rule) const { nftnl_rule_free(rule); }
};
using NftnlRule = std::unique_ptr<nftnl_rule, FreeNftnlRule>;

/// The same for libnftnl. The comment must be short enough for it (NftChange has checked that).
NftnlRule to_nftnl(const NftRule& rule);
NftRule from_nftnl(const nftnl_rule* rule);

// The expressions that we make ourselves.

NftExpression load_meta(std::uint32_t key);
NftExpression load_header(std::uint32_t header, std::uint32_t offset, std::uint32_t length);
NftExpression load_connection(std::uint32_t key);
NftExpression compare(std::vector<std::uint8_t> with, bool equal = true);
NftExpression mask_with(std::vector<std::uint8_t> mask);
NftExpression count();
NftExpression give_verdict(std::int32_t verdict);
/// A link's name as nf_tables compares it: sixteen bytes, filled up with zeros.
std::vector<std::uint8_t> link_name_bytes(const std::string& name);

}  // namespace lvs::linux_net
