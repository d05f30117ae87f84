#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "profiles/core/profile.h"

namespace lvs::profiles {

/// One mistake in a profile. Its text form is "FILE:LINE:COLUMN: error: MESSAGE", the line itself
/// with a caret below (tabs kept, so that the caret stands where the mistake is), and the hint.
struct ProfileError {
  std::string file;
  Where where{};
  std::string message;  ///< what is wrong and what was expected
  std::string hint;     ///< "did you mean `interface`?"; may be empty
  std::string line;     ///< the offending line, without its newline
};

std::string to_string(const ProfileError& error);

/// What reading gave: a profile when `errors` is empty, and then everything in it was checked.
struct ReadResult {
  Profile profile;
  std::vector<ProfileError> errors;  ///< in file order; a syntax error stands alone
};

/// Reads one profile. Pure: the text is given, `file` is only for messages. Bounded: a text over
/// kMaxProfileBytes is one error.
ReadResult read_profile(std::string_view text, std::string_view file);

inline constexpr std::size_t kMaxProfileBytes = 1'048'576;

}  // namespace lvs::profiles
