#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace lvs {

/// Why an operation failed, phrased for the operator who must fix it: what was tried, on what,
/// and what the kernel said ("add 10.0.0.5/32 to lo: Operation not permitted").
struct Error {
  std::string what;
  int sys_errno = 0;  ///< 0 when the kernel was not involved
};

/// A value or the reason there is none. A class and not an alias, because tl::expected is not
/// [[nodiscard]] and an alias cannot be: forgetting to look at a Result must not compile.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
};

/// An Error on its way out of a function that returns a Result.
inline tl::unexpected<Error> fail(std::string what, int sys_errno = 0) {
  return tl::unexpected<Error>(Error{std::move(what), sys_errno});
}

/// The same error with what the caller was doing in front: "context: what".
inline tl::unexpected<Error> fail_within(const std::string& context, Error error) {
  error.what = context + ": " + error.what;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace lvs

// LVS_TRY(auto x, expr)  binds x to the value, or returns the error to our caller.
// LVS_CHECK(expr)        the same for Result<void>.
// NOLINTBEGIN(bugprone-macro-parentheses): decl is a declaration and cannot be parenthesised
#define LVS_CONCAT_IMPL(a, b) a##b
#define LVS_CONCAT(a, b) LVS_CONCAT_IMPL(a, b)
#define LVS_TRY_IMPL(tmp, decl, expr)                        \
  auto tmp = (expr);                                         \
  if (!tmp) return ::tl::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
#define LVS_TRY(decl, expr) LVS_TRY_IMPL(LVS_CONCAT(lvs_try_, __LINE__), decl, expr)
#define LVS_CHECK(expr)                                      \
  do {                                                       \
    if (auto lvs_check = (expr); !lvs_check)                 \
      return ::tl::unexpected(std::move(lvs_check).error()); \
  } while (false)
// NOLINTEND(bugprone-macro-parentheses)
