#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/base/result.h"
#include "net/linux/netlink.h"
#include "net/linux/nft_rule.h"
#include "net/linux/nft_tables.h"
#include "net/linux/nft_transaction.h"

namespace lvs::linux_net {

/// One nf_tables transaction of plain tables and rules: all of it happens or nothing, as with
/// NftBatch, which makes the director's netdev tables.
class NftChange {
 public:
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

  /// As NftTransaction does these.
  Result<void> commit() { return transaction_.commit(); }
  Result<void> commit(NetlinkSocket& socket) { return transaction_.commit(socket); }
  Result<void> judge() { return transaction_.judge(); }

 private:
  NftTransaction transaction_;
};

/// A rule at the end of its chain; what NftBatch makes of plain rules too.
void append_nft_rule(NftTransaction& transaction, const NftRule& rule);

}  // namespace lvs::linux_net
