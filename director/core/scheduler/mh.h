#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "director/core/scheduler/flags.h"
#include "director/core/scheduler/maglev_table.h"
#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/server_list.h"

namespace lvs::director {

struct SchedulerSetup;

/// The server that the client's address hashes to in a Maglev table, and with mh-port its port too
/// (facts of IPVS, 1.5): directors with the same servers agree without talking, and a change moves
/// few clients. When the server takes no flow there is none, but with mh-fallback the hash is tried
/// anew. A server whose weight is set to 0 keeps its slots.
class MaglevHashing {
 public:
  static constexpr std::string_view kName = "mh";
  static constexpr std::string_view kSummary = "by the client's address in a Maglev table";

  explicit MaglevHashing(const SchedulerSetup& setup);

  std::optional<std::size_t> pick(const ServerList& servers, const NewFlow& flow) const;
  void on_started(const ServerList& servers) { table_.fill(servers); }
  void on_added(const ServerList& servers) { table_.fill(servers); }
  void on_removed(const ServerList& servers, std::size_t /*seat*/) { table_.fill(servers); }
  void on_edited(const ServerList& servers, std::size_t /*seat*/) { table_.fill(servers); }
  void on_flags(SchedulerFlags flags) { flags_ = flags; }

 private:
  std::optional<std::size_t> pick_other(const ServerList& servers, std::uint32_t value,
                                        std::size_t slot) const;

  SchedulerFlags flags_;
  MaglevTable table_;
};

}  // namespace lvs::director
