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
  latest_ = now;
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
    case Action::Wait:
      keep_waiting(slot, now);
      break;
    case Action::Drop:
      break;
  }
}

/// The engine has left the frame as it came, because it knows no MAC address yet. One that cannot
/// be kept is dropped.
void Pump::keep_waiting(Slot& slot, Tick now) {
  if (slot.verdict.next_hop == NextHopId{}) return;
  mark_used(slot.verdict.next_hop);
  wanted_ = true;
  slot.counted =
      !waiting_.keep(slot.verdict.next_hop, slot.frame.with_header, now, slot.frame.frame);
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
  judge_again(waiting_.take(id));
}

void Pump::judge_again(std::vector<WaitingFrame> frames) {
  static_assert(WaitingFrames::kEachHop <= kBatch);
  const std::span batch = std::span(slots_).first(frames.size());
  outgoing_.clear();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    CarrierFrame& frame = batch[i].frame;
    frame = {.frame = frames[i].about, .with_header = frames[i].with_header};
    frame.frame.bytes = frame.with_header.subspan(kOffloadBytes);
    frame.frame.headroom = 0;
    frame.frame.tailroom = 0;
    decide(batch[i], latest_);
    arrange(batch[i], latest_);
  }
  carrier_.send(outgoing_);
  for (Slot& slot : batch) finish(slot);
}

void Pump::expire(Tick now) {
  latest_ = now;
  give_up(waiting_.take_expired(now));
  engine_.expire(now, kExpireLimit);
}

void Pump::give_up_waiting() { give_up(waiting_.take_all()); }

void Pump::give_up(const std::vector<WaitingFrame>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) engine_.count(dropped(DropReason::NoNeighbour));
}

void Pump::mark_used(NextHopId hop) {
  if (hop.number >= used_.size()) used_.resize(std::size_t{hop.number} + 1);
  used_[hop.number] = 1;
}

std::vector<NextHopId> Pump::take_used() {
  std::vector<NextHopId> hops;
  for (std::size_t number = 0; number < used_.size(); ++number)
    if (std::exchange(used_[number], std::uint8_t{0}) != 0)
      hops.push_back({static_cast<std::uint16_t>(number)});
  return hops;
}

}  // namespace lvs::director
