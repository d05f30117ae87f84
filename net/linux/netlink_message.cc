#include "net/linux/netlink_message.h"

#include <libmnl/libmnl.h>

#include <algorithm>
#include <cerrno>

#include "net/linux/attributes.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

KernelAnswer with_text(const nlmsghdr& message, int negative_errno, std::size_t before_attributes) {
  KernelAnswer answer{-negative_errno, {}, (message.nlmsg_flags & NLM_F_DUMP_INTR) != 0};
  if ((message.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return answer;
  answer.text =
      Attributes::of(message, before_attributes).text(NLMSGERR_ATTR_MSG).value_or(std::string{});
  return answer;
}

}  // namespace

const nlmsghdr* MessageReader::next() {
  if (rest_.size() < sizeof(nlmsghdr)) return nullptr;
  const auto* message = static_cast<const nlmsghdr*>(static_cast<const void*>(rest_.data()));
  if (message->nlmsg_len < sizeof(nlmsghdr) || message->nlmsg_len > rest_.size()) return nullptr;
  const std::size_t aligned = (std::size_t{message->nlmsg_len} + 3) & ~std::size_t{3};
  rest_ = rest_.subspan(std::min(aligned, rest_.size()));
  return message;
}

KernelAnswer parse_error(const nlmsghdr& message) {
  const auto fixed = fixed_part<nlmsgerr>(message);
  if (!fixed) return {EPROTO, "the kernel's answer is too short", false};
  // Without NETLINK_CAP_ACK the whole request stands between the error and the attributes.
  const bool capped = (message.nlmsg_flags & NLM_F_CAPPED) != 0;
  const std::size_t echoed =
      capped ? 0 : std::max<std::size_t>(fixed->msg.nlmsg_len, sizeof(nlmsghdr)) - sizeof(nlmsghdr);
  return with_text(message, fixed->error, sizeof(nlmsgerr) + echoed);
}

KernelAnswer parse_done(const nlmsghdr& message) {
  const auto error = fixed_part<int>(message);
  if (!error) return {};  // kernels before 4.15 end some dumps without a number
  return with_text(message, *error, sizeof(int));
}

std::string describe(const KernelAnswer& answer) {
  const std::string reason = errno_text(answer.error);
  return answer.text.empty() ? reason : answer.text + " (" + reason + ")";
}

}  // namespace lvs::linux_net
