#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/base/result.h"
#include "profiles/core/step.h"

// What we changed on this host and what was there before: the only thing that `revert` goes by. A
// journal is a list of records, each on disk before the kernel sees the change that it speaks of,
// so that it can be followed back from any point at which we may be killed.
//
//   header, then for every step:  intent n → (the kernel) → done n, and after the last: complete.
//   On the way back:              (the kernel) → undone n.
//   With a confirmation:          header, armed, the steps, awaiting, and when it came: complete.
//                                 On the way back, before the first step: disarmed.
//
// An entry's number stays with its object. What lies between the last `complete` and the end is an
// apply that did not finish: it is rolled back, step by step from the end, before anything else.

namespace lvs::profiles {

inline constexpr std::int64_t kJournalSchema = 1;

struct JournalHeader {
  std::int64_t schema = kJournalSchema;
  std::string program;
  std::string profile;
  std::string host;
  std::string boot_id;  ///< objects in the kernel live as long as the boot
  std::uint64_t namespace_inode = 0;
  std::uint64_t namespace_cookie = 0;
  friend bool operator==(const JournalHeader&, const JournalHeader&) = default;
};

/// How a step touches entry `number`.
enum class IntentKind : std::uint8_t {
  Make,  ///< the object becomes ours, or stays ours with a new value
  Drop,  ///< the object stops being ours
};

struct Intent {
  std::uint64_t number = 0;
  Step step;
  IntentKind kind = IntentKind::Make;
  /// The kernel is not touched: another profile of ours holds the object too.
  bool record_only = false;
  friend bool operator==(const Intent&, const Intent&) = default;
};
struct Done {
  std::uint64_t number = 0;
  friend bool operator==(const Done&, const Done&) = default;
};
struct Undone {
  std::uint64_t number = 0;
  std::string left;  ///< not empty: the object was left as it is, and why
  friend bool operator==(const Undone&, const Undone&) = default;
};
/// The values that a profile accepts for each sysctl it cares about, whether it had to write or
/// not.
using SysctlWants = std::map<std::string, std::vector<std::string>>;
struct Complete {
  SysctlWants wants;
  bool for_run = false;  ///< what was made since the last `complete` goes when the director ends
  friend bool operator==(const Complete&, const Complete&) = default;
};

/// A process that no later one with the same pid is taken for.
struct ProcessMark {
  std::int64_t pid = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot (/proc/PID/stat, field 22)
  friend bool operator==(const ProcessMark&, const ProcessMark&) = default;
};
/// The steps that follow are rolled back by a guard unless they are confirmed in time.
struct Armed {
  ProcessMark guard;
  std::uint64_t window_ms = 0;  ///< how long a confirmation is waited for
  friend bool operator==(const Armed&, const Armed&) = default;
};
/// All steps since `armed` are done and proven; what `complete` would say comes with the
/// confirmation.
struct Awaiting {
  SysctlWants wants;
  std::uint64_t deadline_ms = 0;  ///< since boot, CLOCK_BOOTTIME
  friend bool operator==(const Awaiting&, const Awaiting&) = default;
};
/// The way back has begun: nothing can be confirmed any more.
struct Disarmed {
  std::string why;
  friend bool operator==(const Disarmed&, const Disarmed&) = default;
};

using JournalRecord =
    std::variant<JournalHeader, Intent, Done, Undone, Complete, Armed, Awaiting, Disarmed>;

/// An object that is ours.
struct JournalEntry {
  std::uint64_t number = 0;
  Step step;             ///< the step that makes it as it is now
  bool for_run = false;  ///< made by a `run`; an `apply` makes it stay
  friend bool operator==(const JournalEntry&, const JournalEntry&) = default;
};

/// A step of an apply that has not finished.
struct PendingStep {
  Intent intent;
  bool done = false;
  JournalEntry entry{};  ///< what the step makes ours, should it stay
};

/// A journal as its records add up.
class Journal {
 public:
  /// Takes the next record into account. An error names the record that cannot follow those before:
  /// the file was edited or damaged in the middle.
  Result<void> add(const JournalRecord& record);

  bool has_header() const { return !header_.boot_id.empty(); }
  const JournalHeader& header() const { return header_; }
  /// What finished applies left, by number.
  const std::vector<JournalEntry>& entries() const { return entries_; }
  const std::vector<PendingStep>& pending() const { return pending_; }
  /// True when steps are there to be rolled back, or a guard waits for steps.
  bool unfinished() const { return !pending_.empty() || armed_; }
  /// Not null while a confirmation can come for the pending steps.
  const Armed* armed() const { return armed_ ? &*armed_ : nullptr; }
  /// Not null when the pending steps are whole and only the confirmation is missing.
  const Awaiting* awaiting() const { return awaiting_ ? &*awaiting_ : nullptr; }
  /// True when an apply has finished and nothing took it back wholly.
  bool completed() const { return completed_; }
  /// Of the last finished apply, or of the one that waits for its confirmation.
  const SysctlWants& wants() const { return awaiting_ ? awaiting_->wants : wants_; }
  std::uint64_t next_number() const { return next_number_; }
  bool empty() const { return entries_.empty() && pending_.empty(); }

  /// The entries as they would be if the pending steps were complete: what a look at the host must
  /// expect while an unfinished apply has not been rolled back.
  std::vector<JournalEntry> entries_with_pending() const;
  /// The entry for this object, pending steps included, or null.
  const JournalEntry* find(const std::string& object) const;

 private:
  Result<void> on(const JournalHeader& header);
  Result<void> on(const Intent& intent);
  Result<void> on(const Done& done);
  Result<void> on(const Undone& undone);
  Result<void> on(const Complete& complete);
  Result<void> on(const Armed& armed);
  Result<void> on(const Awaiting& awaiting);
  Result<void> on(const Disarmed& disarmed);
  Result<void> all_done(const std::string& record) const;
  void disarm();

  JournalHeader header_;
  std::vector<JournalEntry> entries_;
  std::vector<PendingStep> pending_;
  SysctlWants wants_;
  std::optional<Armed> armed_;
  std::optional<Awaiting> awaiting_;
  bool completed_ = false;
  std::uint64_t next_number_ = 1;
};

/// Where records go. A record is safe when write() returns; a `done` may be lost with the power,
/// for the host itself tells what was done.
class JournalWriter {
 public:
  virtual ~JournalWriter() = default;
  virtual Result<void> write(const JournalRecord& record) = 0;
};

}  // namespace lvs::profiles
