#include "profiles/core/glob.h"

#include <cstddef>
#include <optional>

namespace lvs::profiles {
namespace {

struct Class {
  bool matches = false;
  std::size_t length = 0;
};

/// "[a-c]" at the front of the pattern; nullopt when the bracket is never closed (then it is an
/// ordinary character).
std::optional<Class> match_class(std::string_view pattern, char c) {
  std::size_t at = 1;
  const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
  if (negated) ++at;
  bool found = false;
  for (const std::size_t first = at; at < pattern.size(); ++at) {
    if (pattern[at] == ']' && at > first) return Class{found != negated && c != '/', at + 1};
    const bool range = at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']';
    if (range) {
      found = found || (pattern[at] <= c && c <= pattern[at + 2]);
      at += 2;
    } else {
      found = found || pattern[at] == c;
    }
  }
  return std::nullopt;
}

/// How much of the pattern one character uses up; 0: it does not match.
std::size_t match_one(std::string_view pattern, char c) {
  if (pattern.front() == '[') {
    if (const auto set = match_class(pattern, c)) return set->matches ? set->length : 0;
  }
  if (pattern.front() == '?') return c == '/' ? 0 : 1;
  return pattern.front() == c ? 1 : 0;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  // Where to go on when what follows the last star does not fit: the star takes one more.
  std::optional<std::size_t> star;
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
      continue;
    }
    const std::size_t used = p < pattern.size() ? match_one(pattern.substr(p), text[t]) : 0;
    if (used != 0) {
      p += used;
      ++t;
      continue;
    }
    if (!star || text[taken] == '/') return false;
    t = ++taken;
    p = *star + 1;
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace lvs::profiles
