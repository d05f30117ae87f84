// From a frame to its verdict.

#include <algorithm>
#include <array>
#include <cassert>

#include "director/core/decide.h"
#include "director/core/engine_parts.h"
#include "director/core/fragments.h"
#include "director/core/ftp/helper.h"
#include "director/core/icmp_errors.h"

namespace lvs::director {
namespace {

Verdict verdict_of(const Step& step, Action action) {
  return {.action = action,
          .reason = step.reason,
          .next_hop = step.next_hop,
          .outer_length = step.outer_length,
          .piece_length = step.piece_length,
          .waits_for = step.waits_for};
}

/// How each answerable step is told to the sender, and what it is when it may not be told.
struct AnswerKind {
  Next next{};
  DropReason reason{};
  IcmpNews news{};  ///< not for NoConnection, which is answered with a reset
};
constexpr std::array kAnswers{
    AnswerKind{Next::NoConnection, DropReason::NoConnection},
    AnswerKind{Next::NoServer, DropReason::NoServer, IcmpNews::PortUnreachable},
    AnswerKind{Next::TtlExceeded, DropReason::TtlExpired, IcmpNews::TtlExceeded},
    AnswerKind{Next::TooBig, DropReason::TooBig, IcmpNews::TooBig},
};

const AnswerKind* answer_kind(Next next) {
  const auto* const found = std::ranges::find(kAnswers, next, &AnswerKind::next);
  return found == kAnswers.end() ? nullptr : found;
}

/// The verdict of a step that nobody is told about.
Verdict plain_verdict(const Step& step) {
  switch (step.next) {
    case Next::Forward:
      return verdict_of(step, Action::Forward);
    case Next::Wait:
      return verdict_of(step, Action::Wait);
    case Next::Local:
      return {.action = Action::Local};
    case Next::Kernel:
      return {.action = Action::Kernel};
    default:
      return {.action = Action::Drop, .reason = step.reason, .next_hop = step.next_hop};
  }
}

}  // namespace

template <typename Addr>
Found<Addr> Engine::Parts::judge(const Packet<Addr>& packet, Frame& frame, Tick now) {
  Found<Addr> found = lookup(tables, packet, frame, now);
  if (found.step.next == Next::Help) found = help(tables, *found.connection, packet, frame, now);
  const bool undecided = found.step.next == Next::Schedule || found.step.next == Next::Replace ||
                         found.step.next == Next::Discard;
  return undecided ? decide({tables, opening, now}, packet, frame, found) : found;
}

/// Fragments behind the first, ICMP, and what cannot be read.
template <typename Addr>
Step Engine::Parts::judge_other(const Parsed<Addr>& parsed, Frame& frame, Tick now) {
  const Refusal<Addr>& refusal = parsed.refusal;
  if (refusal.other == Other::LaterFragment)
    return follow_fragment({tables, opening, now}, *parsed.ip, frame);
  if (refusal.other == Other::Icmp) return follow_icmp({tables, opening, now}, *parsed.ip, frame);
  const bool is_kernels = refusal.action == Action::Kernel ||
                          (refusal.only_for_services &&
                           !tables.services.has_vip(refusal.protocol, refusal.destination));
  return is_kernels ? Step{.next = Next::Kernel} : detail::drop(refusal.reason);
}

template <typename Addr>
Verdict Engine::Parts::judge_frame(const Parsed<Addr>& parsed, Frame& frame, Tick now,
                                   std::span<std::uint8_t> scratch) {
  // Without a service IPVS sees no packet: those of old connections are the host's too (facts 2.2).
  const bool is_broken = !parsed.packet && parsed.refusal.action == Action::Drop;
  if (!is_broken && tables.services.is_empty(FamilyTraits<Addr>::kFamily))
    return {.action = Action::Kernel};
  if (!parsed.packet) return plain_verdict(judge_other(parsed, frame, now));

  const Packet<Addr>& packet = *parsed.packet;
  const auto end = [&](const Step& step) {
    return answer_kind(step.next) == nullptr ? plain_verdict(step)
                                             : answer(step, packet, now, scratch);
  };
  if (!packet.ip.is_fragment()) return end(judge(packet, frame, now).step);

  const FragmentKey<Addr> key = fragment_key<Addr>(packet.ip);  // before it is rewritten
  const Found<Addr> found = judge(packet, frame, now);
  remember_fragment<Addr>({tables, opening, now}, key, found);
  Verdict verdict = end(found.step);
  if (verdict.action != Action::Wait) verdict.wakes = wait_for(key);
  return verdict;
}

/// A client hears the address that it asked; a server our own address towards it.
template <typename Addr>
Addr Engine::Parts::speaker(const Step& step, const Packet<Addr>& packet) const {
  const NextHopRecord* const hop = tables.next_hop(step.told_from);
  if (hop == nullptr) return packet.ip.destination();
  const IpAddr own = hop->own_address.address();
  if constexpr (FamilyTraits<Addr>::kFamily == Family::Ipv4) {
    return own.is_v4() ? own.v4() : packet.ip.destination();
  } else {
    return own.is_v4() ? packet.ip.destination() : own.v6();
  }
}

template <typename Addr>
Verdict Engine::Parts::answer(const Step& step, const Packet<Addr>& packet, Tick now,
                              std::span<std::uint8_t> scratch) {
  const AnswerKind& kind = *answer_kind(step.next);
  // Only the sender can make a packet smaller, and only when it forbade others to cut it.
  const bool helps = kind.next != Next::TooBig || !detail::may_be_cut(packet.ip);
  if (!helps || !may_be_answered(packet) || !answers.take(now))
    return {.action = Action::Drop, .reason = kind.reason};
  assert(scratch.size() >= kAnswerBytes);
  // IPVS counts the hop before it looks at the length, so what it quotes to a client has one less;
  // a server's reply is judged by its host's routing, which looks at the length first.
  const bool hop_counted = kind.next == Next::TooBig && step.told_from == NextHopId{};
  const std::size_t length =
      kind.next == Next::NoConnection
          ? make_reset(packet, scratch)
          : make_icmp_error<Addr>(packet, {kind.news, step.mtu, speaker(step, packet), hop_counted},
                                  scratch);
  return {.action = Action::Answer, .answer_length = static_cast<std::uint16_t>(length)};
}

template Verdict Engine::Parts::judge_frame(const Parsed<Ipv4Addr>&, Frame&, Tick,
                                            std::span<std::uint8_t>);
template Verdict Engine::Parts::judge_frame(const Parsed<Ipv6Addr>&, Frame&, Tick,
                                            std::span<std::uint8_t>);

}  // namespace lvs::director
