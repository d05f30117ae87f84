#pragma once

#include <cstddef>
#include <cstdint>

#include "director/core/frame.h"
#include "director/core/packet.h"
#include "director/core/passage.h"
#include "director/core/step.h"
#include "director/core/tables.h"
#include "director/core/tunnel.h"
#include "director/core/wait_key.h"
#include "net/wire/rewrite.h"

// The way out: may the packet go (TTL, MTU, neighbour), what is rewritten, how the frame is
// addressed (facts of IPVS, 2.13). Freestanding.

namespace lvs::director {

/// The neighbour is not known yet. Asked before anything is counted, because the packet comes
/// again.
template <typename Addr, Tables<Addr> T>
constexpr bool must_wait(T& tables, const Passage<Addr>& passage) {
  if (passage.method == ForwardMethod::Local) return false;
  const NextHopRecord* const hop = tables.next_hop(passage.next_hop);
  return hop != nullptr && !hop->resolved;
}
constexpr Step wait_step(NextHopId hop) {
  return {.next = Next::Wait,
          .reason = DropReason::NoNeighbour,
          .next_hop = hop,
          .waits_for = wait_for_neighbour(hop)};
}

namespace detail {

/// The longest packet from the IP header on that leaves this host as a whole.
template <typename Addr, Tables<Addr> T>
constexpr std::uint16_t outer_mtu(T& tables, const Passage<Addr>& passage, const NextHopRecord& hop,
                                  Tick now) {
  const std::uint16_t learnt = tables.path_mtu(passage.next_hop, now);
  return learnt != 0 && learnt < hop.mtu ? learnt : hop.mtu;
}

/// Bytes of the longest packet that the frame becomes on the wire: a super-frame is cut by the
/// sending card, and fits when its segments do (IPVS judges alike).
template <typename Addr>
constexpr std::size_t longest_packet(const IpPacket<Addr>& packet, std::size_t transport_header) {
  if (packet.offload.segment_size == 0) return packet.ip.total_length();
  return packet.ip.header_length() + transport_header + packet.offload.segment_size;
}

constexpr bool may_be_cut(const wire::Ipv4View& ip) { return ip.may_be_fragmented(); }
constexpr bool may_be_cut(const wire::Ipv6View& /*only its sender cuts*/) { return false; }

/// pmtu_disc 0: a tunnel cuts what its client forbade to cut.
template <typename Addr>
constexpr bool is_cut_anyway(const PathSettings& settings, ForwardMethod method) {
  return FamilyTraits<Addr>::kFamily == Family::Ipv4 && method == ForwardMethod::Tunnel &&
         !settings.pmtu_disc;
}

template <typename Addr, Tables<Addr> T>
constexpr Step check_length(T& tables, const Passage<Addr>& passage, const NextHopRecord& hop,
                            const IpPacket<Addr>& packet, std::size_t transport_header, Tick now) {
  Step step{.next = Next::Forward, .next_hop = passage.next_hop};
  std::uint16_t mtu = hop.mtu;
  std::uint16_t inner_mtu = mtu;
  if (passage.method == ForwardMethod::Tunnel) {
    const ServerRecord* const server = tables.server(passage.server);
    if (server == nullptr) return drop(DropReason::ServerGone);
    mtu = outer_mtu(tables, passage, hop, now);
    const std::size_t overhead = tunnel_overhead(*server);
    if (mtu < overhead + FamilyTraits<Addr>::kLeastMtu) return drop(DropReason::TooBig);
    inner_mtu = static_cast<std::uint16_t>(mtu - overhead);
  }
  if (longest_packet(packet, transport_header) <= inner_mtu) return step;
  const bool is_super_frame = packet.offload.segment_size != 0;
  if (!is_super_frame &&
      (may_be_cut(packet.ip) || is_cut_anyway<Addr>(tables.settings(), passage.method))) {
    step.piece_length = mtu;
    return step;
  }
  step.next = Next::TooBig;
  step.mtu = inner_mtu;
  return step;
}

/// False, and nothing changed, for a fragment of SCTP, whose CRC nobody can know.
template <typename Addr>
constexpr bool rewrite(const Passage<Addr>& passage, const IpPacket<Addr>& packet) {
  if (passage.method != ForwardMethod::Masq) return true;
  const auto end = passage.to_client ? wire::End::Source : wire::End::Destination;
  const auto state = packet.offload.checksum_unfinished ? wire::ChecksumState::Unfinished
                                                        : wire::ChecksumState::Finished;
  return wire::rewrite(packet.ip, end, {passage.address, passage.port}, state);
}

}  // namespace detail

/// May the packet leave? The step is Forward when it may; nothing is changed yet.
/// `transport_header` is 0 where the packet has none.
template <typename Addr, Tables<Addr> T>
constexpr Step admit(T& tables, const Passage<Addr>& passage, const IpPacket<Addr>& packet,
                     std::size_t transport_header, Tick now) {
  if (passage.method == ForwardMethod::Local) return {.next = Next::Local};
  if (packet.ip.hops() <= 1) return {.next = Next::TtlExceeded};
  const NextHopRecord* const hop = tables.next_hop(passage.next_hop);
  if (hop == nullptr) return detail::drop(DropReason::NoNeighbour);
  return detail::check_length(tables, passage, *hop, packet, transport_header, now);
}

/// Sends what admit() let pass and the caller has rewritten: one hop less, into the tunnel where
/// there is one, to the neighbour.
template <typename Addr, Tables<Addr> T>
constexpr Step dispatch(T& tables, const Passage<Addr>& passage, const IpPacket<Addr>& packet,
                        Frame& frame, Step step) {
  const NextHopRecord& hop = *tables.next_hop(passage.next_hop);
  packet.ip.decrement_hops();
  if (passage.method != ForwardMethod::Tunnel) {
    packet.ethernet.set_destination(hop.destination);
    packet.ethernet.set_source(hop.source);
    return step;
  }
  const std::size_t outer = wrap<Addr>(tables, *tables.server(passage.server), hop, packet, frame,
                                       step.piece_length != 0);
  if (outer == 0) return detail::drop(DropReason::SendFailed);
  step.outer_length = static_cast<std::uint16_t>(outer);
  return step;
}

/// A whole packet, or a first fragment, with its ports.
template <typename Addr, Tables<Addr> T>
constexpr Step send_packet(T& tables, const Passage<Addr>& passage, const Packet<Addr>& packet,
                           Frame& frame, Tick now) {
  const Step step = admit<Addr>(tables, passage, packet, packet.transport.header_length(), now);
  if (step.next != Next::Forward) return step;
  if (!detail::rewrite(passage, packet)) return detail::drop(DropReason::Fragment);
  return dispatch<Addr>(tables, passage, packet, frame, step);
}

}  // namespace lvs::director
