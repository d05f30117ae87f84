#include "director/io/pump.h"

#include <algorithm>
#include <utility>

#include "net/linux/packet_ring.h"
#include "net/wire/ethernet.h"
#include "net/wire/ipv4.h"

namespace lvs::director {
namespace {

constexpr std::size_t kOffloadBytes = sizeof(linux_net::VirtioHeader);
constexpr std::size_t kExpireLimit = 256;

/// What the engine does with a frame whose next hop it knows; it judged TTL and length before.
void send_on(std::span<std::uint8_t> frame, const NextHop& hop) {
  const auto ethernet = wire::EthernetView::parse(frame);
  if (!ethernet) return;
  ethernet->set_destination(hop.destination);
  ethernet->set_source(hop.source);
  if (const auto ip = wire::Ipv4View::parse(ethernet->payload())) ip->decrement_ttl();
}

/// Loopback's own address is all zeros; a frame on `lo` with any other destination is for another
/// host (PACKET_OTHERHOST), and the stack drops it.
void address_to_loopback(std::span<std::uint8_t> frame) {
  if (const auto ethernet = wire::EthernetView::parse(frame)) ethernet->set_destination(MacAddr{});
}

constexpr Verdict dropped(DropReason reason) { return {.action = Action::Drop, .reason = reason}; }

}  // namespace

Pump::Pump(Engine& engine, Carrier& carrier)
    : engine_(engine), carrier_(carrier), received_(kBatch), slots_(kBatch) {
  for (Slot& slot : slots_) slot.answer.resize(kOffloadBytes + Engine::kAnswerBytes);
  outgoing_.reserve(kBatch);
}

std::size_t Pump::run_batch(Tick now) {
  const std::size_t count = carrier_.receive(received_);
  if (count == 0) return 0;
  const std::span batch = std::span(slots_).first(count);
  outgoing_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    batch[i].frame = received_[i];
    decide(batch[i], now);
    arrange(batch[i], now);
  }
  carrier_.send(outgoing_);
  for (Slot& slot : batch) finish(slot);
  carrier_.release();
  return count;
}

void Pump::decide(Slot& slot, Tick now) {
  slot.counted = true;
  slot.outgoing = kNone;
  slot.verdict =
      slot.frame.truncated
          ? dropped(DropReason::Truncated)
          : engine_.process(slot.frame.frame, now, std::span(slot.answer).subspan(kOffloadBytes));
}

void Pump::arrange(Slot& slot, Tick now) {
  switch (slot.verdict.action) {
    case Action::Forward:
      mark_used(slot.verdict.next_hop);
      queue(slot, engine_.next_hop(slot.verdict.next_hop).link, slot.frame.with_header);
      break;
    case Action::Local:
    case Action::Kernel:
      address_to_loopback(slot.frame.frame.bytes);
      queue(slot, kLoopback, slot.frame.with_header);
      break;
    case Action::Answer:
      queue(slot, slot.frame.frame.ingress,
            std::span(slot.answer).first(kOffloadBytes + slot.verdict.answer_length));
      break;
    case Action::Drop:
      if (slot.verdict.reason == DropReason::NoNeighbour) keep_waiting(slot, now);
      break;
  }
}

/// The engine has passed the frame and left it as it came, because it knows no MAC address yet.
void Pump::keep_waiting(Slot& slot, Tick now) {
  if (slot.verdict.next_hop == NextHopId{}) return;
  mark_used(slot.verdict.next_hop);
  wanted_ = true;
  slot.counted = !waiting_.keep(slot.verdict.next_hop, slot.frame.with_header, now);
}

void Pump::queue(Slot& slot, LinkIndex link, std::span<const std::uint8_t> with_header) {
  slot.outgoing = outgoing_.size();
  outgoing_.push_back({link, with_header, false});
}

void Pump::finish(Slot& slot) {
  if (!slot.counted) return;
  const bool failed = slot.outgoing != kNone && !outgoing_[slot.outgoing].sent;
  engine_.count(failed ? dropped(DropReason::SendFailed) : slot.verdict);
}

void Pump::set_next_hop(NextHopId id, const NextHop& hop) {
  engine_.set_next_hop(id, hop);
  if (!hop.resolved || !waiting_.waits_for(id)) return;
  std::vector<WaitingFrame> frames = waiting_.take(id);
  std::vector<Outgoing> outgoing;
  for (WaitingFrame& frame : frames) {
    send_on(std::span(frame.with_header).subspan(kOffloadBytes), hop);
    outgoing.push_back({hop.link, frame.with_header, false});
  }
  carrier_.send(outgoing);
  const Verdict forwarded{.action = Action::Forward, .next_hop = id};
  for (std::size_t i = 0; i < frames.size(); ++i)
    engine_.count(outgoing[i].sent ? forwarded : dropped(DropReason::SendFailed));
}

void Pump::expire(Tick now) {
  give_up(waiting_.take_expired(now));
  engine_.expire(now, kExpireLimit);
}

void Pump::give_up_waiting() { give_up(waiting_.take_all()); }

void Pump::give_up(const std::vector<WaitingFrame>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) engine_.count(dropped(DropReason::NoNeighbour));
}

void Pump::mark_used(NextHopId hop) {
  if (hop.number >= used_.size()) used_.resize(hop.number + 1);
  used_[hop.number] = 1;
}

std::vector<NextHopId> Pump::take_used() {
  std::vector<NextHopId> hops;
  for (std::uint32_t number = 0; number < used_.size(); ++number)
    if (std::exchange(used_[number], std::uint8_t{0}) != 0) hops.push_back({number});
  return hops;
}

}  // namespace lvs::director
