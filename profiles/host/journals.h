#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "profiles/core/journal.h"
#include "profiles/host/host_part.h"

// Which journals speak of this host: the profile's own, which lies with the state of the boot or,
// when it was applied persistently, where it outlives the boot; and those of other profiles.

namespace lvs::host {

struct Journals {
  profiles::Journal own;
  std::vector<profiles::Journal> others;  ///< of other profiles in this namespace, of this boot
  /// Why the own journal was set aside: it is of an earlier boot, whose objects are gone. The file
  /// is still there.
  std::string stale;
  /// The own journal lies where it outlives the boot.
  bool lies_persistent = false;
  /// `own` is what a persistent journal of an earlier boot says today, as these records: its file
  /// has to be written anew before anything is added to it.
  std::vector<profiles::JournalRecord> renewed;
  /// A runtime journal that a persistent one has replaced: to be removed.
  std::optional<std::filesystem::path> leftover;
};

/// Reads them. A journal of another namespace or of a higher schema, or a damaged one, is refused.
HostResult<Journals> read_journals(const profiles::StateDir& state, const std::string& profile);

/// True when there is a file that read_journals() would take for the profile's own, or set aside.
bool has_journal(const profiles::StateDir& state, const std::string& profile);

}  // namespace lvs::host
