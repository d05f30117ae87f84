#include <linux/if.h>
#include <linux/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "net/linux/bpf_filter.h"
#include "net/linux/sys_error.h"
#include "profiles/bpf/decap_program.h"
#include "profiles/io/objects/decap_contents.h"
#include "profiles/io/objects/decap_process_io.h"
#include "profiles/io/objects/objects.h"

// Our filters are told by three things: the program's name, the maps it brings (which name the
// profile), and a handle of our own. Each filter has a priority of its own from a range that nobody
// else is known to use; what somebody else has put there is passed over.

namespace lvs::profiles {
namespace {

using linux_net::BpfProgram;
using linux_net::TcFilter;

constexpr std::string_view kProgramName = "lvskit_decap";
constexpr std::uint32_t kHandle = 0x4c56;  // "LV"
constexpr std::uint16_t kFirstPriority = 0x4c00, kLastPriority = 0x4cff;

/// libbpf names a filter "PROGRAM:[ID]".
bool may_be_ours(const TcFilter& filter) {
  return !filter.egress && filter.kind == "bpf" && filter.handle == kHandle &&
         filter.name.starts_with(kProgramName) && filter.program_id != 0;
}

struct OurFilter {
  TcFilter place;
  DecapFilter filter;
};

/// Those whose maps we may read. Programs are looked up by numbers that are for the whole machine,
/// so inside a container nothing is found, and nothing can be loaded either.
Result<std::vector<OurFilter>> our_filters(const linux_net::Link& link) {
  LVS_TRY(const std::vector<TcFilter> filters, linux_net::clsact_filters(link.index));
  std::vector<OurFilter> ours;
  for (const TcFilter& filter : filters) {
    if (!may_be_ours(filter)) continue;
    const auto contents = linux_net::maps_of_program(filter.program_id);
    if (!contents) {
      const int error = contents.error().sys_errno;
      if (error == EPERM || error == EACCES || error == ENOENT) continue;
      return tl::unexpected(contents.error());
    }
    if (auto found = filter_from(link.name, *contents)) ours.push_back({filter, *std::move(found)});
  }
  return ours;
}

Result<OurFilter> the_filter(const linux_net::Link& link, const DecapFilter& wanted) {
  LVS_TRY(const std::vector<OurFilter> ours, our_filters(link));
  for (const OurFilter& one : ours)
    if (is_as_made(one.filter, wanted)) return one;
  return fail("there is no " + describe(wanted) + " of the profile " + wanted.profile, ENOENT);
}

Result<std::uint16_t> free_priority(const linux_net::Link& link) {
  LVS_TRY(const std::vector<TcFilter> filters, linux_net::clsact_filters(link.index));
  for (std::uint16_t priority = kFirstPriority; priority <= kLastPriority; ++priority) {
    const bool taken = std::ranges::any_of(filters, [priority](const TcFilter& filter) {
      return !filter.egress && filter.priority == priority;
    });
    if (!taken) return priority;
  }
  return fail("no priority is free at ingress of " + link.name, ENOSPC);
}

/// Bytes in front of the IP header of what the link receives.
Result<std::uint32_t> link_header_of(const linux_net::Link& link) {
  const linux_net::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  link.name.copy(std::begin(request.ifr_name), IFNAMSIZ - 1);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): ioctl's signature
  if (!socket || ::ioctl(socket.get(), SIOCGIFHWADDR, &request) != 0)
    return linux_net::fail_errno("look at the type of " + link.name);
  constexpr std::uint16_t raw_ip = 519;  // ARPHRD_RAWIP
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access): ioctl's struct
  const std::uint16_t type = request.ifr_hwaddr.sa_family;
  if (type == ARPHRD_ETHER || type == ARPHRD_LOOPBACK) return 14U;
  if (type == ARPHRD_NONE || type == ARPHRD_PPP || type == raw_ip) return 0U;
  return fail(link.name + " has link headers that the program does not know (type " +
                  std::to_string(type) + ")",
              EOPNOTSUPP);
}

Result<BpfProgram> load_for(const linux_net::Link& link, const DecapFilter& filter) {
  LVS_TRY(const std::uint32_t link_header, link_header_of(link));
  LVS_TRY(const linux_net::MapContents contents, contents_of(filter, link_header));
  return BpfProgram::load(bpf::decap_program(), std::string(kProgramName), contents);
}

Result<void> within(const std::string& context, Result<void> done) {
  if (done) return done;
  return fail_within(context, std::move(done).error());
}

Result<void> attach_new(const linux_net::Link& link, const DecapFilter& filter) {
  LVS_TRY(const std::vector<OurFilter> ours, our_filters(link));
  const bool there = std::ranges::any_of(
      ours, [&](const OurFilter& one) { return same_place(one.filter, filter); });
  if (there) return fail("there is one of this profile already", EEXIST);
  LVS_TRY(const BpfProgram program, load_for(link, filter));
  TcFilter place;
  place.link = link.index;
  place.handle = kHandle;
  LVS_TRY(place.priority, free_priority(link));
  return linux_net::attach_program(place, program);
}

Result<void> remove_unused(const linux_net::Link& link) {
  LVS_TRY(const std::vector<TcFilter> filters, linux_net::clsact_filters(link.index));
  if (!filters.empty())
    return fail(std::to_string(filters.size()) + " filters hang on it (" + filters.front().kind +
                    " " + filters.front().name + "), so it stays",
                EBUSY);
  return linux_net::remove_clsact(link.index);
}

}  // namespace

Result<void> add_object(RouteSocket& route, const ClsactFact& fact) {
  LVS_TRY(const linux_net::Link link, route.link_named(fact.link));
  return within("add " + describe(fact), linux_net::add_clsact(link.index));
}

Result<void> remove_object(RouteSocket& route, const ClsactFact& fact) {
  LVS_TRY(const linux_net::Link link, route.link_named(fact.link));
  return within("remove " + describe(fact), remove_unused(link));
}

Result<void> add_object(RouteSocket& route, const DecapFilter& filter) {
  LVS_TRY(const linux_net::Link link, route.link_named(filter.link));
  return within("add " + describe(filter), attach_new(link, filter));
}

Result<void> remove_object(RouteSocket& route, const DecapFilter& filter) {
  LVS_TRY(const linux_net::Link link, route.link_named(filter.link));
  LVS_TRY(const OurFilter ours, the_filter(link, filter));
  return within("remove " + describe(filter), linux_net::detach_program(ours.place));
}

Result<void> replace_object(RouteSocket& route, const DecapFilter& before,
                            const DecapFilter& after) {
  LVS_TRY(const linux_net::Link link, route.link_named(before.link));
  LVS_TRY(const OurFilter ours, the_filter(link, before));
  LVS_TRY(const BpfProgram program, load_for(link, after));
  return within("replace " + describe(before), linux_net::exchange_program(ours.place, program));
}

Result<void> read_decap(RouteSocket& route, Snapshot& snapshot) {
  LVS_TRY(const std::vector<LinkIndex> with_clsact, linux_net::clsact_links());
  LVS_TRY(const std::vector<linux_net::Link> links, route.links());
  for (const linux_net::Link& link : links) {
    if (std::ranges::find(with_clsact, link.index) == with_clsact.end()) continue;
    snapshot.clsacts.push_back({link.name});
    LVS_TRY(const std::vector<OurFilter> ours, our_filters(link));
    for (const OurFilter& one : ours) snapshot.decap_filters.push_back(one.filter);
  }
  LVS_TRY(snapshot.decap_processes, find_decap_processes());
  return {};
}

}  // namespace lvs::profiles
