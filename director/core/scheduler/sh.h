#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "director/core/scheduler/flags.h"
#include "director/core/scheduler/new_flow.h"
#include "director/core/scheduler/seat_buckets.h"
#include "director/core/scheduler/server_list.h"

namespace lvs::director {

struct SchedulerSetup;

/// The server that the client's address hashes to, and with sh-port its port too (facts of
/// IPVS, 1.2 and 1.4). A server has as many buckets in a row as its weight says; a quiesced one
/// keeps one. When it takes no flow there is none, but with sh-fallback the hash is tried anew from
/// bucket to bucket. The buckets are filled again by every edit, so that an edit can move many
/// clients.
class SourceHashing {
 public:
  static constexpr std::string_view kName = "sh";
  static constexpr std::string_view kSummary = "by the hash of the client's address";

  explicit SourceHashing(const SchedulerSetup& setup);

  std::optional<std::size_t> pick(const ServerList& servers, const NewFlow& flow) const;
  void on_started(const ServerList& servers) { fill(servers); }
  void on_added(const ServerList& servers) { fill(servers); }
  void on_removed(const ServerList& servers, std::size_t /*seat*/) { fill(servers); }
  void on_edited(const ServerList& servers, std::size_t /*seat*/) { fill(servers); }
  void on_flags(SchedulerFlags flags) { flags_ = flags; }

 private:
  std::optional<std::size_t> pick_other(const ServerList& servers, std::uint32_t hash) const;
  void fill(const ServerList& servers);

  SchedulerFlags flags_;
  SeatBuckets buckets_;
};

}  // namespace lvs::director
