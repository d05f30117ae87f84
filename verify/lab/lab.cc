#include "verify/lab/lab.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "net/linux/namespace.h"
#include "net/linux/process.h"
#include "profiles/io/state_base.h"
#include "verify/io/profile_file.h"
#include "verify/lab/folder.h"
#include "verify/lab/holder.h"
#include "verify/lab/sweep.h"
#include "verify/lab/topology.h"

namespace lvs::verify {
namespace {

namespace fs = std::filesystem;

/// The lab's name and folder, told by --name, by a profile file or by the name itself.
struct Place {
  std::string name;
  fs::path folder;
};

Outcome<Place> place_of(const LabOptions& options) {
  std::string name = options.name.value_or(options.profile_or_name);
  if (!options.name && !profiles::is_profile_name(options.profile_or_name)) {
    auto profile = load_profile(options.profile_or_name);
    if (!profile) return tl::unexpected(std::move(profile).error());
    name = profile->name;
  }
  if (!profiles::is_profile_name(name))
    return refuse(ExitStatus::Usage,
                  "'" + name + "' cannot name a lab: 1 to 20 of a-z, 0-9 and '-'");
  const auto base = profiles::state_base(options.state_dir);
  if (!base) return tl::unexpected(to_failure(base.error()));
  return Place{name, lab_folder(*base, name)};
}

std::string down_hint(const Place& place) {
  return "take it down with: lvs-verify lab down " + place.name + " --state-dir " +
         place.folder.parent_path().string();
}

/// Ends what the record names and removes the folder.
Outcome<void> clear(const Place& place, const std::optional<LabRecord>& record) {
  if (record) {
    if (auto ended = end_processes(*record); !ended)
      return tl::unexpected(Failure{ExitStatus::Incomplete, ended.error().what});
  }
  std::error_code error;
  fs::remove_all(place.folder, error);
  if (error)
    return refuse(ExitStatus::Incomplete,
                  "remove " + place.folder.string() + ": " + error.message());
  return {};
}

/// Written before anything is built, so that a second `up` knows who is at it.
Result<void> claim(const Place& place, const std::string& profile) {
  LabRecord record{.name = place.name,
                   .profile = profile,
                   .boot_id = {},
                   .holder = {"lvs-verify lab up", getpid(), 0},
                   .hosts = {},
                   .programs = {}};
  record.holder.start_time = linux_net::process_start_time(getpid()).value_or(std::uint64_t{0});
  LVS_TRY(record.boot_id, linux_net::boot_id());
  return save_record(place.folder, record);
}

/// Makes the lab's folder ours, clearing away what a crashed lab left there.
Outcome<void> take_folder(const Place& place, const std::string& profile) {
  std::error_code error;
  fs::create_directories(place.folder.parent_path(), error);
  if (!error && !fs::create_directory(place.folder, error) && !error) {
    auto record = load_record(place.folder);
    if (!record) return tl::unexpected(to_failure(record.error()));
    if (*record && is_running((*record)->holder))
      return refuse(ExitStatus::Failed,
                    "lab " + place.name + " is up already: " + (*record)->holder.what + " is pid " +
                        std::to_string((*record)->holder.pid) + ", from " + (*record)->profile +
                        "; " + down_hint(place));
    if (auto cleared = clear(place, *record); !cleared) return cleared;
    fs::create_directory(place.folder, error);
  }
  if (error)
    return tl::unexpected(to_failure(
        {"make " + place.folder.string() + ": " + error.message() + " (--state-dir says where)",
         error.value()}));
  if (auto claimed = claim(place, profile); !claimed)
    return tl::unexpected(to_failure(claimed.error()));
  return {};
}

}  // namespace

Outcome<RunningLab> lab_up(const LabOptions& options) {
  auto profile = load_profile(options.profile_or_name);
  if (!profile) return tl::unexpected(std::move(profile).error());
  LabOptions named = options;
  if (!named.name) named.name = profile->name;
  auto place = place_of(named);
  if (!place) return tl::unexpected(std::move(place).error());
  auto topology = make_topology(*profile, place->name);
  if (!topology) return refuse(ExitStatus::BadProfile, std::move(topology).error().what);
  std::error_code error;
  const std::string path = fs::absolute(options.profile_or_name, error).string();
  if (auto taken = take_folder(*place, path); !taken)
    return tl::unexpected(std::move(taken).error());
  auto record = start_holder(
      {.topology = *topology, .profile = path, .folder = place->folder, .self = options.self});
  if (record) return RunningLab{*std::move(record), place->folder};
  Failure failure = to_failure(record.error());
  if (auto cleared = clear(*place, std::nullopt); !cleared)
    failure = {ExitStatus::Incomplete, failure.message + "\n" + cleared.error().message};
  return tl::unexpected(std::move(failure));
}

Outcome<bool> lab_down(const LabOptions& options) {
  auto place = place_of(options);
  if (!place) return tl::unexpected(std::move(place).error());
  std::error_code error;
  if (!fs::exists(place->folder, error)) return false;
  auto record = load_record(place->folder);
  if (!record) return tl::unexpected(to_failure(record.error()));
  if (auto cleared = clear(*place, *record); !cleared)
    return tl::unexpected(std::move(cleared).error());
  return true;
}

Outcome<RunningLab> find_lab(const LabOptions& options) {
  auto place = place_of(options);
  if (!place) return tl::unexpected(std::move(place).error());
  auto record = load_record(place->folder);
  if (!record) return tl::unexpected(to_failure(record.error()));
  if (!*record)
    return refuse(ExitStatus::Failed,
                  "no lab " + place->name + " is up (looked in " + place->folder.string() + ")");
  if (!is_running((*record)->holder))
    return refuse(ExitStatus::Failed,
                  "lab " + place->name + " has lost its holder; " + down_hint(*place));
  return RunningLab{**std::move(record), place->folder};
}

Outcome<std::vector<LabRecord>> list_labs(const std::optional<std::string>& state_dir) {
  const auto base = profiles::state_base(state_dir);
  if (!base) return tl::unexpected(to_failure(base.error()));
  std::vector<LabRecord> labs;
  for (const std::string& name : lab_names(*base)) {
    auto record = load_record(lab_folder(*base, name));
    if (!record) return tl::unexpected(to_failure(record.error()));
    if (*record) labs.push_back(**std::move(record));
  }
  return labs;
}

}  // namespace lvs::verify
