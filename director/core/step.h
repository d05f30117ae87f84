#pragma once

#include <cstdint>

#include "director/core/ids.h"
#include "director/core/passage.h"
#include "director/core/records.h"
#include "director/core/verdict.h"

namespace lvs::director {

/// What is next for a packet.
enum class Next : std::uint8_t {
  Forward,       ///< rewritten: send it to next_hop
  Local,         ///< for this host's own stack
  Kernel,        ///< not ours
  Drop,          ///< for `reason`
  Wait,          ///< untouched, and nothing was counted: for waits_for, else dropped for `reason`
  Schedule,      ///< no connection: decide
  Replace,       ///< its connection gives way to a new one, if one may be opened: decide
  Discard,       ///< its connection ends now: erase it and decide
  Help,          ///< of FTP: its connection is more than lookup() can judge
  TtlExceeded,   ///< drop and tell the sender, where that is allowed
  TooBig,        ///< the same; `mtu` is what fits
  NoServer,      ///< the same
  NoConnection,  ///< the same
};

struct Step {
  Next next = Next::Drop;
  DropReason reason = DropReason::None;
  NextHopId next_hop{};
  std::uint16_t mtu = 0;           ///< TooBig: of the sender's own packets
  std::uint16_t outer_length = 0;  ///< as in Verdict
  std::uint16_t piece_length = 0;  ///< as in Verdict
  WaitKey waits_for{};
  /// An answer that goes to a server comes from our address towards it, not from the address that
  /// its packet was sent to.
  NextHopId told_from{};
};

/// A step, and the connection that it is about.
template <typename Addr>
struct Found {
  Step step{};
  Connection<Addr>* connection = nullptr;  ///< Replace, Discard and Help; else where there is one
  Passage<Addr> passage{};                 ///< of a first fragment that goes on
};

namespace detail {
constexpr Step drop(DropReason reason) { return {.next = Next::Drop, .reason = reason}; }
}  // namespace detail

}  // namespace lvs::director
