#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "net/base/exit_status.h"
#include "net/base/result.h"
#include "profiles/core/persistence.h"
#include "profiles/core/profile.h"
#include "profiles/core/read.h"
#include "profiles/io/state_dir.h"

namespace lvs::host {

/// What every host command is told on its command line.
struct HostOptions {
  std::string profile;                   ///< a file; `revert`, `status`, `confirm` also take a name
  std::optional<std::string> host;       ///< --host; default: the one whose addresses are all here
  std::optional<std::string> state_dir;  ///< --state-dir
  std::string program;                   ///< "lvs-director": for the journal and for messages
  profiles::Role role =
      profiles::Role::RealServer;  ///< which part of the host this program sets up
  bool json = false;
  /// --confirm-within: what was applied is rolled back unless it is confirmed in this time.
  std::optional<std::chrono::milliseconds> confirm_within{};
  bool persistent = false;    ///< --persistent: also make it come back after a boot
  std::string format{};       ///< --format of `export`
  profiles::Places places{};  ///< of what outlives a boot
};

/// Why a host operation did not succeed, with the exit status that it means.
struct HostFailure {
  ExitStatus status = ExitStatus::Failed;
  std::string message;                           ///< complete, for people, may have several lines
  std::vector<profiles::ProfileError> errors{};  ///< of a profile that is wrong
  std::vector<std::string> left{};               ///< what a roll-back could not take back
};

template <typename T>
using HostResult = tl::expected<T, HostFailure>;

/// A profile that was read, and the host of it that this machine is.
struct LoadedHost {
  profiles::Profile profile;
  const profiles::Host* self = nullptr;  ///< points into `profile`
  profiles::StateDir state;
  profiles::BootSetup boot{};  ///< how it would be set up at boot
  bool persistent = false;     ///< asked for now
};

/// Reads and checks the profile and finds this machine in it (65 with every error listed).
HostResult<std::unique_ptr<LoadedHost>> load_host(const HostOptions& options);

/// What one apply changed, so that exactly that can be taken back: numbers of journal entries.
struct AppliedPart {
  std::vector<std::uint64_t> entries;
};

/// The host part of `lvs-director run`: recovers an unfinished journal, plans, applies with the
/// journal, verifies. All or nothing: on failure everything of this call was rolled back (1), or
/// the message lists what was left (3). Needs CAP_NET_ADMIN (77 otherwise).
HostResult<AppliedPart> apply_host(const LoadedHost& loaded, const HostOptions& options,
                                   std::ostream& progress);

/// Takes back exactly what `part` added; objects that an earlier apply made stay.
HostResult<void> take_back(const LoadedHost& loaded, const HostOptions& options,
                           const AppliedPart& part);

// The commands of both programs. They print to `out` (a person's text, or one JSON document) and
// `err`, and return the design's exit status.
ExitStatus plan(const HostOptions& options, std::ostream& out, std::ostream& err);
ExitStatus apply_profile(const HostOptions& options, std::ostream& out, std::ostream& err);
ExitStatus check(const HostOptions& options, std::ostream& out, std::ostream& err);
ExitStatus revert(const HostOptions& options, std::ostream& out, std::ostream& err);
ExitStatus confirm(const HostOptions& options, std::ostream& out, std::ostream& err);
ExitStatus status(const HostOptions& options, std::ostream& out, std::ostream& err);

}  // namespace lvs::host
