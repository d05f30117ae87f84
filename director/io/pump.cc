#include "director/io/pump.h"

#include <algorithm>
#include <array>
#include <utility>

#include "director/core/wait_key.h"
#include "director/io/departure.h"
#include "net/wire/ethernet.h"

namespace lvs::director {
namespace {

constexpr std::size_t kOffloadBytes = sizeof(linux_net::VirtioHeader);
constexpr std::size_t kExpireLimit = 128;  // about as long as a batch of frames

/// Loopback's own address is all zeros; a frame on `lo` with any other destination is for another
/// host (PACKET_OTHERHOST), and the stack drops it.
void address_to_loopback(std::span<std::uint8_t> frame) {
  if (const auto ethernet = wire::EthernetView::parse(frame)) ethernet->set_destination(MacAddr{});
}

constexpr Verdict dropped(DropReason reason) { return {.action = Action::Drop, .reason = reason}; }

}  // namespace

Pump::Pump(Engine& engine, Carrier& carrier)
    : engine_(engine), carrier_(carrier), outbox_(carrier), received_(kBatch), slots_(kBatch) {
  for (Slot& slot : slots_) slot.answer.resize(kOffloadBytes + Engine::kAnswerBytes);
}

std::size_t Pump::run_batch(Tick now) {
  const std::size_t count = carrier_.receive(received_);
  if (count == 0) return 0;
  const std::span batch = std::span(slots_).first(count);
  latest_ = now;
  load_ahead(std::span(received_).first(count));
  for (std::size_t i = 0; i < count; ++i) {
    batch[i].frame = received_[i];
    decide(batch[i], now);
    arrange(batch[i], now);
  }
  finish(batch);
  carrier_.release();
  judge_woken();
  return count;
}

/// One frame alone has nothing to wait together with.
void Pump::load_ahead(std::span<const CarrierFrame> frames) const {
  if (frames.size() < 2) return;
  std::array<Engine::Ahead, kBatch> ahead{};
  for (std::size_t i = 0; i < frames.size(); ++i) ahead[i] = engine_.look_ahead(frames[i].frame);
  for (std::size_t i = 0; i < frames.size(); ++i) engine_.load_ahead(ahead[i]);
}

void Pump::decide(Slot& slot, Tick now) {
  slot.waits = false;
  slot.lost = false;
  slot.verdict =
      slot.frame.truncated
          ? dropped(DropReason::Truncated)
          : engine_.process(slot.frame.frame, now, std::span(slot.answer).subspan(kOffloadBytes));
  if (waiting_.waits_for(slot.verdict.wakes)) woken_.push_back(slot.verdict.wakes);
}

void Pump::arrange(Slot& slot, Tick now) {
  switch (slot.verdict.action) {
    case Action::Forward:
      forward(slot);
      break;
    case Action::Local:
    case Action::Kernel:
      if (carrier_.kernel_has_too(slot.frame.frame)) break;
      address_to_loopback(slot.frame.frame.bytes);
      outbox_.add({kLoopback, &slot.lost}, with_offload(slot.frame));
      break;
    case Action::Answer:
      outbox_.add({slot.frame.frame.ingress, &slot.lost},
                  std::span(slot.answer).first(kOffloadBytes + slot.verdict.answer_length));
      break;
    case Action::Wait:
      keep_waiting(slot, now);
      break;
    case Action::Drop:
      break;
  }
}

void Pump::forward(Slot& slot) {
  mark_used(slot.verdict.next_hop);
  const LinkIndex link = engine_.next_hop(slot.verdict.next_hop).link;
  if (!depart(slot.frame, slot.verdict, {link, &slot.lost}, outbox_)) slot.lost = true;
}

/// The engine has left the frame as it came. One that cannot be kept is dropped.
void Pump::keep_waiting(Slot& slot, Tick now) {
  if (slot.verdict.next_hop != NextHopId{}) {
    mark_used(slot.verdict.next_hop);
    wanted_ = true;
  }
  slot.waits = waiting_.keep(slot.verdict, slot.frame, now);
}

void Pump::finish(std::span<Slot> batch) {
  outbox_.flush();
  for (const Slot& slot : batch)
    if (!slot.waits) engine_.count(slot.lost ? dropped(DropReason::SendFailed) : slot.verdict);
}

void Pump::set_next_hop(NextHopId id, const NextHop& hop) {
  engine_.set_next_hop(id, hop);
  if (hop.resolved) judge_again(waiting_.take(wait_for_neighbour(id)));
  judge_woken();
}

void Pump::set_routes(std::span<const RouteAnswer> answers) {
  routes_are_asked_ = false;
  for (const RouteAnswer& answer : answers)
    judge_again(waiting_.take(engine_.set_route(answer.client, answer.hop)));
  judge_woken();
}

void Pump::forget_routes() {
  engine_.forget_routes();
  routes_are_asked_ = false;
  // What waited for a way asks for it again.
  judge_again(waiting_.take(DropReason::NoRoute));
  judge_woken();
}

std::vector<IpAddr> Pump::take_wanted_routes() {
  if (routes_are_asked_) return {};
  std::vector<IpAddr> wanted = engine_.take_wanted_routes();
  routes_are_asked_ = !wanted.empty();
  return wanted;
}

void Pump::judge_again(std::vector<WaitingFrame> frames) {
  for (std::span<WaitingFrame> rest(frames); !rest.empty();) {
    const std::span<WaitingFrame> some = rest.first(std::min(rest.size(), kBatch));
    const std::span batch = std::span(slots_).first(some.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
      batch[i].frame = some[i].about;
      decide(batch[i], latest_);
      arrange(batch[i], latest_);
    }
    finish(batch);
    rest = rest.subspan(some.size());
  }
}

/// A frame that was woken may wake others: each is judged, or waits again, so this ends.
void Pump::judge_woken() {
  while (!woken_.empty()) {
    const WaitKey key = woken_.back();
    woken_.pop_back();
    judge_again(waiting_.take(key));
  }
}

bool Pump::expire(Tick now) {
  latest_ = now;
  give_up(waiting_.take_expired(now));
  return engine_.expire(now, kExpireLimit);
}

void Pump::give_up_waiting() { give_up(waiting_.take_all()); }

void Pump::give_up(const std::vector<WaitingFrame>& frames) {
  for (const WaitingFrame& frame : frames) engine_.count(dropped(frame.reason));
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
