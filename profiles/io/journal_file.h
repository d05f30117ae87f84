#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/linux/fd.h"
#include "profiles/core/journal.h"

namespace lvs::profiles {

/// No journal of a host is near this; a larger file is not ours.
inline constexpr std::size_t kMaxJournalBytes = std::size_t{16} * 1024 * 1024;

/// A journal that was read. A file that is not there gives an empty one.
Result<Journal> load_journal(const std::filesystem::path& file);

/// The journals of all other profiles in a state folder, by file name.
Result<std::vector<Journal>> load_other_journals(const std::filesystem::path& folder,
                                                 const std::string& own_profile);

/// Appends records to a journal's file. Each is on the disk when write() returns (fdatasync), but
/// for a `done`, which follows with the next one. A record that could not be written whole is cut
/// off again.
class JournalFile : public JournalWriter {
 public:
  /// Opens or makes the file; cuts a torn last line off.
  static Result<JournalFile> open(const std::filesystem::path& file);

  Result<void> write(const JournalRecord& record) override;
  /// Takes room on the disk beyond the end, for records to come. It stays taken when the file is
  /// opened again, so that a revert has it on a full disk. File systems that cannot are let be.
  Result<void> reserve();

 private:
  JournalFile(std::filesystem::path file, linux_net::UniqueFd fd)
      : file_(std::move(file)), fd_(std::move(fd)) {}

  std::filesystem::path file_;
  linux_net::UniqueFd fd_;
};

/// Removes a journal that says nothing any more. No error when it is gone.
Result<void> remove_journal(const std::filesystem::path& file);

}  // namespace lvs::profiles
