#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "director/core/ids.h"

namespace lvs::director {

/// What becomes of a received frame. Every frame ends in exactly one of these, and the counters add
/// up to the frames received.
enum class Action : std::uint8_t {
  Forward,  ///< rewritten in place: send it to next_hop
  Local,    ///< for this host's own stack (a local server): give it back unchanged
  Kernel,   ///< not ours after all: give it back unchanged
  Answer,   ///< dropped, and the client is told (RST, ICMP): send the answer that was built
  Drop,     ///< for `reason`
  Wait,     ///< not judged yet: keep the frame, untouched as it is, and give it to process() again
            ///< when what it waits for is there; one that cannot be kept is dropped for `reason`
};

/// Why a frame was dropped. Names are stable: people search for them and metrics carry them.
enum class DropReason : std::uint8_t {
  None,
  Truncated,     ///< shorter than its headers say
  BadHeader,     ///< a header field that no valid packet has
  BadChecksum,   ///< the IPv4 header's sum is wrong
  NotForUs,      ///< the frame was not addressed to this host at layer 2
  Fragment,      ///< a fragment whose first one did not come, or that its first contradicts
  NoServer,      ///< no real server may take the flow, and the answer was over its limit
  NoConnection,  ///< a segment that may not open a connection, answer over its limit
  ServerGone,    ///< the connection's server was removed
  TtlExpired,    ///< TTL would become zero, and the answer was over its limit
  TooBig,        ///< longer than the way to the server allows
  NoNeighbour,   ///< the next hop's MAC address is not known (yet)
  NoRoute,       ///< the kernel has no way to the client of a reply
  TableFull,     ///< the connection table is full
  Defence,       ///< drop_packet: one of so many new flows while memory or the table is short
  NewFlowLimit,  ///< more new flows in this second than allowed
  SendFailed,    ///< the kernel did not take the frame
  Count_,        // NOLINT(readability-identifier-naming): no reason, their number
};
inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(DropReason::Count_);

/// "truncated", "no_neighbour" …
std::string_view name(DropReason reason);
std::string_view name(Action action);

/// What a frame of Action::Wait waits for: frames with equal keys wait for the same.
struct WaitKey {
  std::uint64_t number = 0;  ///< 0: nothing
  friend constexpr bool operator==(WaitKey, WaitKey) = default;
};

struct Verdict {
  Action action = Action::Drop;
  DropReason reason = DropReason::None;
  NextHopId next_hop{};             ///< Forward; and Wait for a neighbour
  std::uint16_t answer_length = 0;  ///< Answer: bytes of the frame in the scratch buffer
  /// Forward by a tunnel: bytes of the outer headers between Ethernet's and the inner packet.
  std::uint16_t outer_length = 0;
  /// Forward, not 0: the packet is longer than the way allows and may be cut: send it in pieces of
  /// at most so many bytes from the (outer) IP header on (net/wire/split.h).
  std::uint16_t piece_length = 0;
  WaitKey waits_for{};  ///< Wait
  /// With any action: frames that waited for this can be judged now (a first fragment has come).
  WaitKey wakes{};
};

/// Frames by what became of them: one a worker, written by it alone.
struct VerdictCounters {
  std::uint64_t received = 0;
  std::uint64_t forwarded = 0;
  std::uint64_t local = 0;
  std::uint64_t kernel = 0;
  std::uint64_t answered = 0;
  std::array<std::uint64_t, kDropReasons> dropped{};

  std::uint64_t all_dropped() const;
  /// received == the sum of all the others.
  bool conserved() const;
};

}  // namespace lvs::director
