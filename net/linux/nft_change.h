#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/base/result.h"
#include "net/linux/netlink.h"
#include "net/linux/nft_rule.h"

namespace lvs::linux_net {

/// A base chain to be made, policy accept.
struct NftBaseChain {
  std::string name;
  std::string type = "filter";
  std::uint32_t hook = 0;  ///< NF_INET_LOCAL_IN, NF_ARP_IN …
  std::int32_t priority = 0;
};

/// One nf_tables transaction of plain tables and rules: all of it happens or nothing, as with
/// NftBatch, which makes the director's netdev tables.
class NftChange {
 public:
  NftChange();

  /// Fails with EEXIST when the table is there. `dies_with_socket`: the table is owned by the
  /// socket of the commit and goes with it, whatever becomes of us (Linux 5.12).
  void add_table(std::uint8_t family, std::string_view table, std::string_view comment,
                 bool dies_with_socket = false);
  void delete_table(std::uint8_t family, std::string_view table);
  void add_base_chain(std::uint8_t family, std::string_view table, const NftBaseChain& chain);
  void append_rule(const NftRule& rule);
  void insert_at_head(const NftRule& rule);
  /// By its handle.
  void delete_rule(const NftRule& rule);

  /// Spends the transaction. On failure nothing of it happened; the error names what was refused
  /// first. EOPNOTSUPP: this kernel has no nf_tables, or not this family or kind of chain.
  Result<void> commit();
  Result<void> commit(NetlinkSocket& socket);
  /// Whether it could be committed now: the kernel judges all of it, and does nothing (`nft -c`).
  Result<void> judge();

 private:
  enum class Ending : std::uint8_t { Commit, Abort };
  Result<void> send(NetlinkSocket& socket, Ending ending);
  template <typename Build>
  void append(std::uint16_t type, std::uint8_t family, std::uint16_t flags, std::string name,
              const Build& build);
  void add_rule(const NftRule& rule, std::uint16_t flags, const std::string& verb);
  /// False when a name or comment is longer than nf_tables can hold: commit() then says so.
  bool can_be_said(std::string_view name, std::string_view comment);

  std::vector<char> scratch_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::string> names_;
  std::size_t last_message_ = 0;
  std::uint32_t sequence_ = 1;
  std::string refused_;
};

/// "ip6", as nft writes the family.
std::string nft_family_name(std::uint8_t family);

}  // namespace lvs::linux_net
