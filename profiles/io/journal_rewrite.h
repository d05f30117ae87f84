#pragma once

#include <filesystem>
#include <vector>

#include "net/base/result.h"
#include "profiles/core/journal.h"

namespace lvs::profiles {

/// Writes a journal anew in one go: at every moment the file holds the old records or these.
Result<void> rewrite_journal(const std::filesystem::path& file,
                             const std::vector<JournalRecord>& records);

/// Moves a journal to another folder, which may lie on another file system. A crash leaves it in
/// the old place or in both, never in none; the new place then counts.
Result<void> move_journal(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace lvs::profiles
