#pragma once

#include <filesystem>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>

#include "director/core/scheduler/table.h"
#include "net/base/exit_status.h"
#include "profiles/host/host_part.h"

namespace lvs::director {

struct RunOptions {
  host::HostOptions host;
  std::optional<std::string> socket;  ///< --socket, LVSKIT_SOCKET; default: in the state folder
  bool set_up = true;                 ///< false: the host part is as it should be already
};

/// Sets the host up, forwards until SIGTERM, SIGINT or SIGHUP, and takes back exactly what it
/// added. Lines for people go to `err`; "ready: …" is the one that says that it forwards.
/// `schedulers` is the table in which the profile's names are looked up.
ExitStatus run_director(const RunOptions& options, std::ostream& err,
                        std::span<const SchedulerName> schedulers);

/// Where the director's socket is: as said, else in the state folder of this namespace.
Result<std::filesystem::path> control_socket_path(const std::optional<std::string>& socket,
                                                  const std::optional<std::string>& state_dir);

}  // namespace lvs::director
