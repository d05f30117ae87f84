#include "director/core/fragments.h"

#include <algorithm>

#include "director/core/icmp_errors.h"

namespace lvs::director {
namespace {

/// True where a fragment's packet may be for a service, or of a server whose replies pass here.
/// Looks at all servers, but only for fragments that nothing is known of and that are for no VIP.
template <typename Addr>
bool concerns_us(const Moment& moment, const FragmentKey<Addr>& key, LinkIndex link) {
  const ServiceTable& services = moment.tables.services;
  if (services.has_vip(key.protocol, key.destination)) return true;
  if (services.mark_of({.protocol = key.protocol,
                        .source = key.source,
                        .destination = key.destination,
                        .link = link}) != 0)
    return true;
  const MappedAddr source{IpAddr{key.source}};
  return std::ranges::any_of(services.index(), [&](const auto& entry) {
    return std::ranges::any_of(services.service(entry.second)->seats, [&](ServerId id) {
      const ServerRecord& server = *services.server(id);
      return server.method == ForwardMethod::Masq && server.address == source;
    });
  });
}

template <typename Addr>
FragmentFate<Addr> fate_of(const Found<Addr>& found) {
  switch (found.step.next) {
    case Next::Forward:
      return {Action::Forward, DropReason::None, found.passage};
    case Next::Local:
      return {Action::Local};
    case Next::Kernel:
      return {Action::Kernel};
    default:
      return {Action::Drop,
              found.step.reason == DropReason::None ? DropReason::Fragment : found.step.reason};
  }
}

template <typename Addr>
Step send_fragment(const Moment& moment, const Passage<Addr>& passage,
                   const IpPacket<Addr>& fragment, Frame& frame) {
  LiveTables& tables = moment.tables;
  if (must_wait(tables, passage)) return wait_step(passage.next_hop);
  const auto bytes = static_cast<std::uint32_t>(fragment.ip.total_length());
  if (tables.server(passage.server) != nullptr) {
    if (passage.to_client) {
      tables.count_out(passage.server, bytes);
    } else {
      tables.count_in(passage.server, bytes);
    }
  }
  const Step step = silent(admit(tables, passage, fragment, 0, moment.now));
  if (step.next != Next::Forward) return step;
  if (!detail::rewrite(passage, fragment)) return detail::drop(DropReason::Fragment);
  return dispatch(tables, passage, fragment, frame, step);
}

}  // namespace

template <typename Addr>
void remember_fragment(const Moment& moment, const FragmentKey<Addr>& key,
                       const Found<Addr>& found) {
  if (found.step.next == Next::Wait) return;  // it comes again
  moment.tables.fragments<Addr>().remember(key, fate_of(found), moment.now);
}

template <typename Addr>
Step follow_fragment(const Moment& moment, const IpPacket<Addr>& fragment, Frame& frame) {
  const FragmentKey<Addr> key = fragment_key<Addr>(fragment.ip);
  const FragmentFate<Addr>* const fate = moment.tables.fragments<Addr>().find(key, moment.now);
  if (fate == nullptr) {
    if (!concerns_us(moment, key, frame.ingress)) return {.next = Next::Kernel};
    return {.next = Next::Wait, .reason = DropReason::Fragment, .waits_for = wait_for(key)};
  }
  if (fate->action == Action::Forward) return send_fragment(moment, fate->passage, fragment, frame);
  if (fate->action == Action::Local) return {.next = Next::Local};
  if (fate->action == Action::Kernel) return {.next = Next::Kernel};
  return detail::drop(fate->reason);
}

template void remember_fragment(const Moment&, const FragmentKey<Ipv4Addr>&,
                                const Found<Ipv4Addr>&);
template void remember_fragment(const Moment&, const FragmentKey<Ipv6Addr>&,
                                const Found<Ipv6Addr>&);
template Step follow_fragment(const Moment&, const IpPacket<Ipv4Addr>&, Frame&);
template Step follow_fragment(const Moment&, const IpPacket<Ipv6Addr>&, Frame&);

}  // namespace lvs::director
