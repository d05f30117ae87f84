#pragma once

#include <filesystem>
#include <optional>
#include <utility>

#include "profiles/io/journal_file.h"

namespace lvs::profiles {

/// A journal's file that is opened, and made, by the first record: whoever has nothing to say
/// leaves the file alone. Only for who holds the folder's lock from before the journal was read.
class JournalOnDemand : public JournalWriter {
 public:
  /// `header` goes before the first record; nullopt: the file has one.
  explicit JournalOnDemand(std::filesystem::path file, std::optional<JournalHeader> header)
      : path_(std::move(file)), header_(std::move(header)) {}

  Result<void> write(const JournalRecord& record) override;
  /// JournalFile::reserve(); opens the file too.
  Result<void> reserve();

 private:
  Result<void> open();

  std::filesystem::path path_;
  std::optional<JournalHeader> header_;  ///< still to be written
  std::optional<JournalFile> file_;
};

}  // namespace lvs::profiles
