// Any bytes as the segments of an FTP control connection through Masq: they come in any order, cut
// and repeated, with sums that a network card would finish and as super-frames. What leaves has
// right checksums and is not longer than edits make it; at most one data connection is waited for;
// every frame ends in one counter.

#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/support/ftp_bench.h"

namespace {

using namespace lvs;

/// A broken promise of the engine: the fuzzer's way to say so.
void require(bool holds) {
  if (!holds) __builtin_trap();
}

/// One segment: who sends it and how, how far back it begins, how long it is, and its bytes.
struct Instruction {
  bool from_server = false;
  bool is_super_frame = false;
  std::uint8_t flags = 0;
  std::uint32_t back = 0;
  std::string text;
};

Instruction take(wire::ConstBytes& rest) {
  Instruction next;
  const std::uint8_t how = rest[0];
  next.from_server = (how & 1) != 0;
  next.is_super_frame = (how & 2) != 0;
  next.flags = static_cast<std::uint8_t>(wire::tcp_flag::kAck | ((how & 0x1c) == 0x1c ? 2 : 0));
  next.back = static_cast<std::uint32_t>(how >> 5) * 7;
  rest = rest.subspan(1);
  if (rest.empty()) return next;
  const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 1);
  const wire::ConstBytes text = rest.subspan(1, length);
  next.text.assign(text.begin(), text.end());
  rest = rest.subspan(1 + length);
  return next;
}

template <typename Addr>
void converse(wire::ConstBytes rest) {
  constexpr std::size_t most_growth = 4 * 12;  // four edits, "0,0,0,0,0,1" to the longest text
  test::FtpBench<Addr> bench;
  bench.connect();
  std::uint32_t of_server = bench.server_first;
  std::uint32_t of_client = bench.client_first;
  while (!rest.empty()) {
    const Instruction next = take(rest);
    std::uint32_t& sequence = next.from_server ? of_server : of_client;
    const test::TcpSegment segment{.sequence = sequence - next.back,
                                   .acknowledgement = next.from_server ? of_client : of_server,
                                   .flags = next.flags,
                                   .text = next.text};
    sequence += static_cast<std::uint32_t>(next.text.size()) - next.back;
    bench.packet = test::make_segment(next.from_server ? bench.from_server(segment)
                                                       : bench.from_client(segment));
    const auto seen =
        bench.pass_made({.segment_size = static_cast<std::uint16_t>(next.is_super_frame ? 9 : 0)});
    if (seen) {
      require(seen->has_right_checksums);
      require(seen->text.size() <= next.text.size() + most_growth);
      require(next.from_server || seen->text == next.text);
    }
    require(bench.engine.connection_count() <= 2);
  }
  require(bench.engine.counters().conserved());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const wire::ConstBytes rest{data + 1, size - 1};
  if ((data[0] & 1) != 0) {
    converse<Ipv6Addr>(rest);
  } else {
    converse<Ipv4Addr>(rest);
  }
  return 0;
}
