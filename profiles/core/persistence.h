#pragma once

#include <map>
#include <string>
#include <vector>

#include "profiles/core/desired.h"
#include "profiles/core/journal.h"
#include "profiles/core/places.h"
#include "profiles/core/planner.h"

// What makes a host come back as it was set up after a boot: a sysctl.d file, which is read before
// the network is there (and again by udev for each interface that comes), and a unit that runs
// `apply` once. They are objects like all others: planned, journalled, taken back.

namespace lvs::profiles {

/// Who is to be set up at boot, and by what.
struct BootSetup {
  Places places;
  std::string program;       ///< "lvs-realserver"
  std::string program_path;  ///< absolute
  std::string profile;       ///< its name
  std::string profile_path;  ///< absolute
  std::string host;
  Role role = Role::RealServer;
};

/// "/etc/systemd/system/lvskit-realserver@web.service"
std::string unit_path(const BootSetup& boot);
FileFact unit_file(const BootSetup& boot);
/// What `systemctl enable` would make.
FileFact enabling_link(const BootSetup& boot);
FileFact sysctl_file(const BootSetup& boot, const std::map<std::string, std::string>& values);

/// The paths of all of them.
std::vector<std::string> boot_files(const BootSetup& boot);

/// The values that the host has when `plan` is carried out, of every key that is ours or wished
/// for: what the sysctl.d file says. `plan` is one without the files.
std::map<std::string, std::string> boot_sysctls(const Desired& desired, const Plan& plan,
                                                const std::vector<JournalEntry>& ours);

/// Adds the files to what the host should be: the sysctls before everything else, because udev
/// replays them on each interface as it comes; the unit after everything was proven. With
/// `keep_unit` the unit that is in `ours` stays as it is, whoever asks now.
void add_boot_files(Desired& desired, const BootSetup& boot,
                    const std::map<std::string, std::string>& values,
                    const std::vector<JournalEntry>& ours, bool keep_unit);

/// True when what a finished apply left comes back at the next boot.
bool is_persistent(const std::vector<JournalEntry>& entries);

/// What a persistent journal says in a later boot, as the records of a new journal: the files are
/// there and so are the sysctls that they set; what lived in the kernel went with the boot. An
/// apply that had not finished is unfinished still, as far as it is about those.
std::vector<JournalRecord> records_after_boot(const Journal& old, const JournalHeader& now);

}  // namespace lvs::profiles
