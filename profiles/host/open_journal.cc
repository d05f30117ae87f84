#include "profiles/host/open_journal.h"

#include "net/linux/namespace.h"
#include "profiles/host/failure.h"
#include "profiles/io/journal_rewrite.h"

namespace lvs::host {

HostResult<OpenJournal> OpenJournal::open(const profiles::StateDir& state,
                                          const std::string& profile, const std::string& about_us,
                                          LockWait wait) {
  if (auto made = state.create(); !made) return refuse(failure_of(made.error()));
  const std::filesystem::path file = state.path() / "lock";
  auto lock = wait == LockWait::UntilFree ? profiles::StateLock::wait(file, about_us)
                                          : profiles::StateLock::take(file, about_us);
  if (!lock) return refuse(failure_of(lock.error()));
  auto journals = read_journals(state, profile);
  if (!journals) return refuse(std::move(journals).error());
  return OpenJournal(state, profile, std::move(*lock), std::move(*journals));
}

Result<void> OpenJournal::place(bool persistent) {
  const std::filesystem::path runtime = state_.journal(profile_);
  if (!journals_.stale.empty()) LVS_CHECK(profiles::remove_journal(runtime));
  // Elsewhere the plan refuses to make it persistent, and the journal there may be another's.
  const bool there = journals_.lies_persistent || (persistent && state_.is_boot_namespace());
  path_ = there ? state_.persistent_journal(profile_) : runtime;
  if (path_ == runtime) return {};
  std::error_code error;
  std::filesystem::create_directories(path_.parent_path(), error);
  if (error)
    return fail("make " + path_.parent_path().string() + ": " + error.message(), error.value());
  if (!journals_.renewed.empty()) LVS_CHECK(profiles::rewrite_journal(path_, journals_.renewed));
  if (journals_.leftover) return profiles::remove_journal(*journals_.leftover);
  const bool moves = !journals_.lies_persistent && journals_.own.has_header();
  return moves ? profiles::move_journal(runtime, path_) : Result<void>{};
}

HostResult<void> OpenJournal::begin(const std::string& program, const std::string& host,
                                    bool persistent) {
  if (auto placed = place(persistent); !placed) return refuse(failure_of(placed.error()));
  std::optional<profiles::JournalHeader> header;
  if (!journals_.own.has_header()) {
    const auto boot = linux_net::boot_id();
    if (!boot) return refuse(failure_of(boot.error()));
    const linux_net::NamespaceId id = state_.namespace_id();
    header = profiles::JournalHeader{.program = program,
                                     .profile = profile_,
                                     .host = host,
                                     .boot_id = *boot,
                                     .namespace_inode = id.inode,
                                     .namespace_cookie = id.cookie};
    if (auto added = journals_.own.add(*header); !added) return refuse(failure_of(added.error()));
  }
  file_ = std::make_unique<profiles::JournalOnDemand>(path_, std::move(header));
  log_ = std::make_unique<profiles::JournalLog>(journals_.own, *file_);
  return {};
}

void OpenJournal::put_between(const WrapJournal& wrap) {
  between_ = wrap(*file_);
  log_ = std::make_unique<profiles::JournalLog>(log_->journal(), *between_);
}

HostResult<void> OpenJournal::close(bool applied) {
  if (log_ == nullptr || applied || !log_->journal().empty()) return {};
  if (auto gone = profiles::remove_journal(path_); !gone) return refuse(failure_of(gone.error()));
  return {};
}

}  // namespace lvs::host
