#include "net/linux/nft_transaction.h"

#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>

#include <cerrno>
#include <cstring>

namespace lvs::linux_net {
namespace {

/// libnftnl writes without looking at the end of its buffer: no message of ours comes near this.
constexpr std::size_t kScratchBytes = std::size_t{128} * 1024;
constexpr std::uint32_t kFirstSequence = 1;

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

NftTransaction::NftTransaction() : scratch_(kScratchBytes), sequence_(kFirstSequence) {
  take(nftnl_batch_begin(scratch_.data(), sequence_++));
}

void NftTransaction::take(const nlmsghdr* message) {
  bytes_.insert(bytes_.end(), scratch_.begin(), scratch_.begin() + message->nlmsg_len);
  bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
}

void NftTransaction::refuse(std::string why) {
  if (!refused_) refused_ = Error{std::move(why), EINVAL};
}

void NftTransaction::check_name(std::string_view name, std::string_view what) {
  check_name(name, what, NFT_NAME_MAXLEN - 1);
}

void NftTransaction::check_name(std::string_view name, std::string_view what, std::size_t longest) {
  if (!name.empty() && name.size() <= longest) return;
  refuse("the " + std::string(what) + " \"" + std::string(name) + "\" must have 1 to " +
         std::to_string(longest) + " bytes");
}

void NftTransaction::check_comment(std::string_view comment) {
  if (!comment.empty()) check_name(comment, "comment", NFTNL_UDATA_COMMENT_MAXLEN - 1);
}

Result<void> NftTransaction::commit() { return spend(Ending::Commit, nullptr); }
Result<void> NftTransaction::commit(NetlinkSocket& socket) {
  return spend(Ending::Commit, &socket);
}
Result<void> NftTransaction::judge() { return spend(Ending::Abort, nullptr); }

Result<void> NftTransaction::spend(Ending ending, NetlinkSocket* socket) {
  NftTransaction sent = std::exchange(*this, NftTransaction());
  if (sent.refused_) return tl::unexpected(*std::move(sent.refused_));
  if (sent.names_.empty()) return {};
  sent.finish(ending);
  if (socket != nullptr) return sent.send(*socket);
  auto own = NetlinkSocket::open(NETLINK_NETFILTER);
  if (!own) return tl::unexpected(explained(std::move(own).error()));
  return sent.send(*own);
}

void NftTransaction::finish(Ending ending) {
  nlmsghdr last{};
  std::memcpy(&last, bytes_.data() + last_message_, sizeof last);
  last.nlmsg_flags |= NLM_F_ACK;  // silence is never taken for success
  std::memcpy(bytes_.data() + last_message_, &last, sizeof last);
  if (ending == Ending::Commit) take(nftnl_batch_end(scratch_.data(), sequence_));
}

Result<void> NftTransaction::send(NetlinkSocket& socket) const {
  const auto name = [this](std::uint32_t sequence) { return name_of(sequence); };
  auto done = socket.transact_batch(bytes_, kFirstSequence, sequence_, name);
  if (!done) return tl::unexpected(explained(std::move(done).error()));
  return {};
}

std::string NftTransaction::name_of(std::uint32_t message) const {
  const std::size_t index = message - kFirstSequence - 1;  // the first is the batch's own mark
  return index < names_.size() ? names_[index] : "change nf_tables";
}

}  // namespace lvs::linux_net
