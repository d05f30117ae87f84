#pragma once

#include <filesystem>
#include <string>

#include "net/base/result.h"
#include "verify/lab/record.h"
#include "verify/lab/topology.h"

// The holder is the process that a lab consists of: its descriptors keep the namespaces, its death
// ends the servers, so a lab cannot half remain.

namespace lvs::verify {

struct HolderOptions {
  const Topology& topology;
  std::string profile;           ///< absolute path, for the record
  std::filesystem::path folder;  ///< of the lab; exists
  std::string self;              ///< path of this program
};

/// Starts the holder in a session of its own and returns once the whole lab answers, with its
/// record, which is saved in the folder. On failure the holder has ended. Call before any thread is
/// started: the child unshares a user namespace.
Result<LabRecord> start_holder(const HolderOptions& options);

}  // namespace lvs::verify
