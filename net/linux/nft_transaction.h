#pragma once

#include <libnftnl/common.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/base/result.h"
#include "net/linux/netlink.h"

namespace lvs::linux_net {

/// NLM_F_CREATE | NLM_F_EXCL: what is there already is an error (EEXIST).
inline constexpr std::uint16_t kNftAddOnly = NLM_F_CREATE | NLM_F_EXCL;

/// What stands in the header of one message to nf_tables.
struct NftMessage {
  std::uint16_t type = 0;  ///< NFT_MSG_NEWTABLE …
  std::uint8_t family = 0;
  std::uint16_t flags = 0;
};

/// The messages of one nf_tables transaction, between NFNL_MSG_BATCH_BEGIN and END: built in
/// memory, sent at once, and all of it happens or nothing. What the messages say is for others
/// (nft_tables.h, nft_sets.h, nft_rules.h, nft_rule.h).
class NftTransaction {
 public:
  NftTransaction();

  /// Builds one message with `build(header)` and appends it. `name` is what an error calls it.
  template <typename Build>
  void append(const NftMessage& message, std::string name, const Build& build) {
    names_.push_back(std::move(name));
    last_message_ = bytes_.size();
    nlmsghdr* header = nftnl_nlmsg_build_hdr(scratch_.data(), message.type, message.family,
                                             message.flags, sequence_++);
    build(header);
    take(header);
  }

  /// For a set that is made here: rules of the same transaction may name it.
  std::uint32_t next_set_id() { return next_set_id_++; }

  /// Refuses what cannot be said in a message; the first reason is what commit() fails with.
  void refuse(std::string why);
  bool refused() const { return refused_.has_value(); }
  /// Refuses a name that is empty, or longer than nf_tables can hold. `what`: "table name".
  void check_name(std::string_view name, std::string_view what);
  void check_name(std::string_view name, std::string_view what, std::size_t longest);
  /// Refuses a comment that is longer than nf_tables can hold.
  void check_comment(std::string_view comment);

  /// Spends the transaction: whatever comes of it, this object is an empty one again, which is done
  /// without asking the kernel. On failure nothing of it happened; the error names what was refused
  /// first. EOPNOTSUPP: this kernel has no nf_tables, or not this family or kind of chain.
  Result<void> commit();
  Result<void> commit(NetlinkSocket& socket);
  /// Whether it could be committed now: a batch that never ends is judged, and aborted (`nft -c`).
  Result<void> judge();

 private:
  enum class Ending : std::uint8_t { Commit, Abort };
  /// On a socket of its own when none is given.
  Result<void> spend(Ending ending, NetlinkSocket* socket);
  void finish(Ending ending);
  Result<void> send(NetlinkSocket& socket) const;
  void take(const nlmsghdr* message);
  std::string name_of(std::uint32_t message) const;

  std::vector<char> scratch_;
  std::vector<std::uint8_t> bytes_;
  std::vector<std::string> names_;
  std::size_t last_message_ = 0;
  std::uint32_t sequence_ = 0;
  std::uint32_t next_set_id_ = 1;
  std::optional<Error> refused_;
};

}  // namespace lvs::linux_net
