// Any bytes as a frame: every view, describe(), and the engine with services to us and not. What is
// forwarded must still parse, with an IPv4 header as right as before; what is not forwarded must be
// as it was; every frame ends in one counter.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/wire/arp.h"
#include "net/wire/describe.h"
#include "net/wire/icmp.h"
#include "tests/support/engine_bench.h"

namespace {

using namespace lvs;

/// A broken promise of the engine: the fuzzer's way to say so.
void require(bool holds) {
  if (!holds) __builtin_trap();
}

void touch_icmp(const wire::ConstIpv4View& ip) {
  const auto icmp = wire::ConstIcmpView::parse(ip.payload());
  if (!icmp) return;
  static_cast<void>(icmp->has_valid_checksum());
  if (const auto quoted = icmp->quoted()) static_cast<void>(quoted->payload().size());
}

void touch_views(wire::ConstBytes bytes) {
  require(!wire::describe(bytes).empty());
  const auto ethernet = wire::ConstEthernetView::parse(bytes);
  if (!ethernet) return;
  if (const auto arp = wire::ConstArpView::parse(ethernet->payload()))
    static_cast<void>(arp->is_announcement());
  const auto ip = wire::ConstIpv4View::parse(ethernet->payload());
  if (!ip) return;
  touch_icmp(*ip);
  if (const auto transport = wire::ConstTransportView::parse(*ip)) {
    require(transport->payload().size() <= ip->payload().size());
    static_cast<void>(wire::transport_sum(*ip));
  }
}

void expect_forwarded(const test::Bytes& after, const test::Bytes& before) {
  require(after.size() == before.size());
  const auto ethernet = wire::ConstEthernetView::parse(after);
  require(ethernet.has_value());
  const auto ip = wire::ConstIpv4View::parse(ethernet->payload());
  require(ip && ip->has_valid_checksum());
  const auto old_ip =
      wire::ConstIpv4View::parse(wire::ConstBytes{before}.subspan(ethernet->header_length()));
  require(ip->ttl() + 1 == old_ip->ttl());
  require(wire::transport_sum(*ip) == wire::transport_sum(*old_ip));
}

void process(test::EngineBench& bench, const test::Bytes& given, bool to_us,
             const director::Offload& offload) {
  test::Bytes frame = given;
  director::Frame handed{.bytes = frame, .addressed_to_us = to_us, .offload = offload};
  const director::Verdict verdict = bench.engine.process(handed, bench.now, bench.scratch);
  bench.engine.count(verdict);
  if (verdict.action == director::Action::Forward) {
    expect_forwarded(frame, given);
  } else {
    require(frame == given);
  }
  if (verdict.action == director::Action::Answer) touch_views(bench.answer(verdict));
}

/// The same frame with a right IPv4 header checksum: without it nearly all that is made up would
/// end at that check.
test::Bytes repaired(test::Bytes frame) {
  constexpr std::size_t kHeaders = wire::kEthernetHeader + wire::ipv4_field::kMinHeader;
  if (frame.size() < kHeaders) return frame;
  const std::size_t header = std::size_t{4} * (frame[wire::kEthernetHeader] & 0x0fu);
  const bool fits =
      header >= wire::ipv4_field::kMinHeader && wire::kEthernetHeader + header <= frame.size();
  if (fits) test::finish_ipv4(frame);
  return frame;
}

void process_all(const test::Bytes& frame) {
  touch_views(frame);
  // To a service with servers, to the same flow once more, as a super-frame, and to somebody else.
  test::EngineBench bench{{.connections = 8}};
  bench.add(bench.server(11));
  process(bench, frame, true, {});
  process(bench, frame, true, {});
  process(bench, frame, true, {.checksum_unfinished = true, .segment_size = 1000});
  process(bench, frame, false, {});
  const director::VerdictCounters& counters = bench.engine.counters();
  require(counters.conserved() && counters.received == 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const test::Bytes frame(data, data + size);
  process_all(frame);
  process_all(repaired(frame));
  return 0;
}
