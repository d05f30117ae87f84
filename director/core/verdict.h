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
};

/// Why a frame was dropped. Names are stable: people search for them and metrics carry them.
enum class DropReason : std::uint8_t {
  None,
  Truncated,     ///< shorter than its headers say
  BadHeader,     ///< a header field that no valid packet has
  BadChecksum,   ///< the IPv4 header's sum is wrong
  NotForUs,      ///< the frame was not addressed to this host at layer 2
  Fragment,      ///< a fragment (reassembly comes later)
  NoServer,      ///< no real server may take the flow, and the answer was over its limit
  NoConnection,  ///< a segment that may not open a connection, answer over its limit
  ServerGone,    ///< the connection's server was removed
  TtlExpired,    ///< TTL would become zero, and the answer was over its limit
  TooBig,        ///< longer than the way to the server allows
  NoNeighbour,   ///< the next hop's MAC address is not known (yet)
  TableFull,     ///< the connection table is full
  NewFlowLimit,  ///< more new flows in this second than allowed
  SendFailed,    ///< the kernel did not take the frame
  Count_,        // NOLINT(readability-identifier-naming): no reason, their number
};
inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(DropReason::Count_);

/// "truncated", "no_neighbour" …
std::string_view name(DropReason reason);
std::string_view name(Action action);

struct Verdict {
  Action action = Action::Drop;
  DropReason reason = DropReason::None;
  /// Forward; and Drop for NoNeighbour: the frame is then still as it was received, and may be
  /// given to process() again when the neighbour is known.
  NextHopId next_hop{};
  std::uint16_t answer_length = 0;  ///< Answer: bytes of the frame in the scratch buffer
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
