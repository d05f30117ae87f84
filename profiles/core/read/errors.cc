#include "profiles/core/read/errors.h"

#include <algorithm>
#include <tuple>

namespace lvs::profiles::reading {

void Errors::add(Where where, std::string message, std::string hint) {
  ++count_;
  if (full()) return;
  found_.push_back({{}, where, std::move(message), std::move(hint), {}});
}

std::vector<ProfileError> Errors::in_file_order(const Lines& lines, std::string_view file) const {
  std::vector<ProfileError> errors = found_;
  for (ProfileError& error : errors) {
    error.file = file;
    error.where = lines.clamp(error.where);
    error.line = lines.shown(error.where.line);
  }
  std::stable_sort(errors.begin(), errors.end(), [](const ProfileError& a, const ProfileError& b) {
    return std::tie(a.where.line, a.where.column) < std::tie(b.where.line, b.where.column);
  });
  if (count_ > errors.size())
    errors.back().hint += (errors.back().hint.empty() ? "" : "; ") +
                          std::to_string(count_ - errors.size()) + " more errors are not shown";
  return errors;
}

}  // namespace lvs::profiles::reading
