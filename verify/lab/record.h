#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "net/base/result.h"
#include "net/json/json.h"
#include "net/linux/namespace.h"

// What is written down about a lab, so that other commands find it, enter it and take it down, and
// never touch a process that only happens to have an old one's number.

namespace lvs::verify {

struct RecordedProcess {
  std::string what;  ///< "holder", "nginx of rs1"
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< /proc/PID/stat, field 22: a later process differs in it
};

struct RecordedHost {
  std::string name;
  int holder_fd = -1;  ///< the holder's descriptor of this host's network namespace
  linux_net::NamespaceId id{};
};

struct LabRecord {
  std::string name;
  std::string profile;  ///< absolute path
  std::string boot_id;  ///< pids and namespaces mean nothing in another boot
  bool user_namespace = false;
  RecordedProcess holder;
  std::vector<RecordedHost> hosts;  ///< the first one is the fabric, named ""
  std::vector<RecordedProcess> programs;

  const RecordedHost* host(std::string_view wanted) const;
  /// "rs1, rs2, client": for messages.
  std::string host_names() const;
};

Json to_json(const LabRecord& record);
Result<LabRecord> record_from_json(const Json& document);

/// Writes the record so that a reader sees the old or the new one, never a part.
Result<void> save_record(const std::filesystem::path& folder, const LabRecord& record);
/// nullopt: there is none. An error: it cannot be read or is not ours.
Result<std::optional<LabRecord>> load_record(const std::filesystem::path& folder);

/// True when the recorded process is still the same one, and not a zombie.
bool is_running(const RecordedProcess& process);

}  // namespace lvs::verify
