#pragma once

#include <span>
#include <string_view>

#include "verify/core/owner.h"

namespace lvs::verify {

enum class Severity : std::uint8_t { Note, Warning, Fault };

/// Why a host that must not claim a VIP does. Adding a rule is adding a row and a test; rows go
/// from the special to the general, the first that holds is the finding. In the texts {host}, {vip}
/// and {mac} stand for those of the claimant.
struct ClaimRule {
  std::string_view id;  ///< the number in the catalogue of failures: people search for it
  Severity severity = Severity::Note;
  bool (*holds)(const Claimant&) = nullptr;
  std::string_view finding;  ///< what is wrong
  std::string_view why;
  std::string_view remedy;  ///< what to do, concretely
};

/// The rules for a claimant that is neither a director nor an allowed address.
std::span<const ClaimRule> claim_rules();

/// The first row that holds. There always is one: the last row takes everything.
const ClaimRule& diagnose(const Claimant& claimant);

}  // namespace lvs::verify
