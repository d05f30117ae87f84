#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "profiles/core/carry_out.h"
#include "profiles/host/examine.h"
#include "profiles/host/host_part.h"
#include "profiles/io/journal_file.h"
#include "profiles/io/journal_on_demand.h"

namespace lvs::host {

/// Puts something between us and the file: tests fail there, or die.
using WrapJournal =
    std::function<std::unique_ptr<profiles::JournalWriter>(profiles::JournalWriter&)>;

enum class LockWait : std::uint8_t { Never, UntilFree };

/// A locked state folder with the profile's journal, ready to be written to.
class OpenJournal {
 public:
  /// Locks the folder and reads the journals.
  static HostResult<OpenJournal> open(const profiles::StateDir& state, const std::string& profile,
                                      const std::string& about_us, LockWait wait = LockWait::Never);

  Journals& journals() { return journals_; }
  /// From here on records can follow. The first one opens the file, with a new header when it has
  /// none. Removes a stale one at once. `persistent` moves it to where it outlives the boot, for
  /// good.
  HostResult<void> begin(const std::string& program, const std::string& host,
                         bool persistent = false);
  /// Only after begin().
  profiles::JournalLog& log() { return *log_; }
  profiles::Ground ground(profiles::Kernel& kernel) { return {kernel, *log_, journals_.others}; }
  /// Sees to it that there is room for the records of the way back, before there is a way forth.
  Result<void> reserve() { return file_->reserve(); }
  /// Sends the records that follow through this.
  void put_between(const WrapJournal& wrap);
  /// Removes the file when nothing of the profile is on this host any more.
  HostResult<void> close(bool applied);

 private:
  OpenJournal(profiles::StateDir state, std::string profile, profiles::StateLock lock,
              Journals journals)
      : state_(std::move(state)),
        profile_(std::move(profile)),
        lock_(std::move(lock)),
        journals_(std::move(journals)) {}

  /// Brings the file to its place and up to date with this boot.
  Result<void> place(bool persistent);

  profiles::StateDir state_;
  std::string profile_;
  std::filesystem::path path_;  ///< of the file, once begun
  profiles::StateLock lock_;
  Journals journals_;
  std::unique_ptr<profiles::JournalOnDemand> file_;
  std::unique_ptr<profiles::JournalWriter> between_;
  std::unique_ptr<profiles::JournalLog> log_;
};

}  // namespace lvs::host
