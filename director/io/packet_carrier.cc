#include "director/io/packet_carrier.h"

#include <linux/if_packet.h>
#include <poll.h>

#include <algorithm>
#include <array>

#include "director/io/departure.h"
#include "director/io/filter/run.h"

namespace lvs::director {
namespace {

constexpr std::size_t kRingBatch = 64;
constexpr std::size_t kMaxLinks = 64;

CarrierFrame to_carrier_frame(const linux_net::RingFrame& received, LinkIndex ingress) {
  CarrierFrame frame;
  frame.offload = received.header;
  frame.truncated = received.truncated;
  frame.frame = {.bytes = received.frame,
                 .headroom = received.headroom,
                 .tailroom = received.tailroom,
                 .ingress = ingress,
                 .addressed_to_us = received.packet_type == PACKET_HOST,
                 .offload = offload_of(received.header)};
  return frame;
}

bool takes(const TapFilter& filter, const linux_net::RingFrame& frame) {
  return filter.ours.empty() ||
         run_filter(filter.ours, {.bytes = frame.frame, .packet_type = frame.packet_type}) != 0;
}

}  // namespace

Result<std::unique_ptr<PacketCarrier>> PacketCarrier::open() {
  LVS_TRY(FrameSender sender, FrameSender::open());
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private to make_unique
  std::unique_ptr<PacketCarrier> carrier(new PacketCarrier(std::move(sender)));
  LVS_CHECK(carrier->select({}));
  return carrier;
}

/// What the kernel's filter let pass though it is not for us goes back to the ring at once.
std::size_t PacketCarrier::receive_from(Tap& tap, std::span<CarrierFrame> batch) {
  std::array<linux_net::RingFrame, kRingBatch> received;
  const std::size_t room = std::min(batch.size(), received.size());
  const std::size_t count = tap.ring->receive(std::span(received).first(room));
  std::size_t taken = 0;
  for (const linux_net::RingFrame& frame : std::span(received).first(count))
    if (takes(tap.filter, frame)) batch[taken++] = to_carrier_frame(frame, tap.ring->link());
  if (taken == 0) tap.ring->release();
  return taken;
}

std::size_t PacketCarrier::receive(std::span<CarrierFrame> batch) {
  std::size_t count = 0;
  const std::size_t taps = taps_.size();
  for (std::size_t i = 0; i < taps; ++i) {
    const auto tap = std::next(taps_.begin(), static_cast<std::ptrdiff_t>((first_ + i) % taps));
    if (tap->ring) count += receive_from(*tap, batch.subspan(count));
  }
  // Each NIC in turn goes first, so that a busy one does not starve the others.
  if (taps > 0) first_ = (first_ + 1) % taps;
  return count;
}

void PacketCarrier::release() {
  for (Tap& tap : taps_)
    if (tap.ring) tap.ring->release();
}

void PacketCarrier::wait(int wake_fd, std::chrono::milliseconds longest) {
  std::array<pollfd, kMaxLinks + 1> polled{};
  std::array<linux_net::PacketRing*, kMaxLinks + 1> rings{};
  polled[0] = {wake_fd, POLLIN, 0};
  nfds_t count = 1;
  for (Tap& tap : taps_) {
    if (!tap.ring) continue;
    rings[count] = &*tap.ring;
    polled[count++] = {tap.ring->fd(), POLLIN, 0};
  }
  poll(polled.data(), count, static_cast<int>(longest.count()));
  for (nfds_t i = 1; i < count; ++i)
    if ((polled[i].revents & POLLERR) != 0) rings[i]->take_error();
}

Result<void> PacketCarrier::open_link(const std::string& name, LinkIndex link) {
  auto tap = std::ranges::find(taps_, name, &Tap::name);
  if (tap == taps_.end()) {
    if (taps_.size() == kMaxLinks) return fail("more than " + std::to_string(kMaxLinks) + " NICs");
    tap = taps_.insert(taps_.end(), Tap{name, std::nullopt, 0, {}});
  }
  if (tap->ring && tap->ring->link() == link) return {};
  if (tap->ring) close_link(tap->ring->link());
  LVS_TRY(tap->filter, tap_filter(selection_, name));
  auto ring = linux_net::PacketRing::open(link, tap->filter.kernels);
  if (!ring) return fail_within("receive on " + name, std::move(ring).error());
  tap->ring = *std::move(ring);
  return {};
}

void PacketCarrier::close_link(LinkIndex link) {
  for (Tap& tap : taps_) {
    if (!tap.ring || tap.ring->link() != link) continue;
    tap.lost_before += tap.ring->lost();
    tap.ring.reset();
  }
}

Result<void> PacketCarrier::select(const Selection& selection) {
  selection_ = selection;
  for (Tap& tap : taps_) {
    if (!tap.ring) continue;
    LVS_TRY(TapFilter filter, tap_filter(selection_, tap.name));
    LVS_CHECK(tap.ring->set_filter(filter.kernels));
    tap.filter = std::move(filter);
  }
  return {};
}

std::vector<CarrierLink> PacketCarrier::links() {
  std::vector<CarrierLink> all;
  for (Tap& tap : taps_)
    all.push_back({tap.name, tap.ring.has_value(),
                   tap.lost_before + (tap.ring ? tap.ring->lost() : 0), !tap.filter.ours.empty()});
  return all;
}

}  // namespace lvs::director
