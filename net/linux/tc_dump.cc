#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include "net/linux/attributes.h"
#include "net/linux/bpf_filter.h"
#include "net/linux/netlink.h"

// Queueing disciplines and filters, read by rtnetlink.

namespace lvs::linux_net {
namespace {

constexpr std::uint32_t at_clsact(std::uint32_t minor) {
  return TC_H_MAKE(TC_H_CLSACT, TC_H_MIN(minor));
}

/// nullopt: of another link, or a chain's entry without a filter.
std::optional<TcFilter> parse_filter(const nlmsghdr& message, LinkIndex link, bool egress) {
  const auto fixed = fixed_part<tcmsg>(message);
  if (!fixed || message.nlmsg_type != RTM_NEWTFILTER) return std::nullopt;
  if (static_cast<std::uint32_t>(fixed->tcm_ifindex) != link.number) return std::nullopt;
  const Attributes attributes = Attributes::of(message, sizeof(tcmsg));
  TcFilter filter;
  filter.link = link;
  filter.egress = egress;
  filter.priority = static_cast<std::uint16_t>(fixed->tcm_info >> 16);
  filter.handle = fixed->tcm_handle;
  filter.kind = attributes.text(TCA_KIND).value_or("");
  if (filter.kind != "bpf") return filter;
  const Attributes options = attributes.nest(TCA_OPTIONS);
  filter.name = options.text(TCA_BPF_NAME).value_or("");
  filter.program_id = options.u32(TCA_BPF_ID).value_or(0);
  return filter;
}

/// The kernel lists each chain's head too (handle 0), which is no filter.
Result<void> read_filters(NetlinkSocket& socket, LinkIndex link, bool egress,
                          std::vector<TcFilter>& filters) {
  Request request(RTM_GETTFILTER, NLM_F_DUMP);
  auto& fixed = request.fixed<tcmsg>();
  fixed.tcm_family = AF_UNSPEC;
  fixed.tcm_ifindex = static_cast<int>(link.number);
  fixed.tcm_parent = at_clsact(egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
  const std::size_t before = filters.size();
  return socket.dump(
      request, [&] { filters.resize(before); },
      [&](const nlmsghdr& message) {
        const auto filter = parse_filter(message, link, egress);
        if (filter && filter->handle != 0) filters.push_back(*filter);
      });
}

}  // namespace

Result<std::vector<LinkIndex>> clsact_links() {
  LVS_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
  Request request(RTM_GETQDISC, NLM_F_DUMP);
  request.fixed<tcmsg>().tcm_family = AF_UNSPEC;
  std::vector<LinkIndex> links;
  LVS_CHECK(socket.dump(
      request, [&] { links.clear(); },
      [&](const nlmsghdr& message) {
        const auto fixed = fixed_part<tcmsg>(message);
        const Attributes attributes = Attributes::of(message, sizeof(tcmsg));
        if (fixed && attributes.text(TCA_KIND) == "clsact")
          links.push_back(LinkIndex{static_cast<std::uint32_t>(fixed->tcm_ifindex)});
      }));
  return links;
}

Result<std::vector<TcFilter>> clsact_filters(LinkIndex link) {
  LVS_TRY(NetlinkSocket socket, NetlinkSocket::open(NETLINK_ROUTE));
  std::vector<TcFilter> filters;
  LVS_CHECK(read_filters(socket, link, false, filters));
  LVS_CHECK(read_filters(socket, link, true, filters));
  return filters;
}

}  // namespace lvs::linux_net
