#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// Round robin, judged: a sequence of names against a cycle of names.

namespace lvs::verify {

using Names = std::vector<std::string>;

/// A server of a service, as far as its turn in the cycle depends on it.
struct Turn {
  std::string name;
  std::uint32_t weight = 1;
};

/// The cycle in which rr serves: IPVS puts a new server at the head of its list and walks it from
/// there, so the server added last comes first; weight 0 is passed over, other weights do not
/// count.
Names round_robin_cycle(const std::vector<Turn>& in_order_of_adding);

/// How a sequence left the cycle; the first place decides.
enum class OrderFault : std::uint8_t {
  None,
  Stuck,     ///< the same server every time, though the cycle has more
  Stranger,  ///< a server that is not in the cycle
  Repeated,  ///< the same server twice in a row
  Skipped,   ///< a server's turn was passed over
};

struct OrderVerdict {
  OrderFault fault = OrderFault::None;
  std::size_t at = 0;  ///< index of the first that is wrong, in the sequence
  std::string expected;
  std::string seen;
};

/// Follows `seen` through `cycle`, which may begin anywhere: other connections came before ours. An
/// empty sequence has no fault; an empty cycle makes the first name a stranger.
OrderVerdict judge_order(const Names& cycle, const Names& seen);

/// "rs2 rs1, 50 times, then rs2": the sequence by its first repetition of a period of at most
/// `longest_period`; where it does not repeat, the names, runs of one name as "rs2 x7", cut at 40
/// runs.
std::string compact(const Names& sequence, std::size_t longest_period = 16);

}  // namespace lvs::verify
