#include "director/core/scheduler/locality.h"

#include <cstdint>

namespace lvs::director {
namespace {

bool is_half_idle(const ServerRecord& server) {
  return std::uint64_t{server.active} * 2 < server.weight;
}

}  // namespace

void Locality::on_added(const ServerList& servers) {
  const std::size_t seat = servers.size() - 1;
  lightest_.on_added(servers);
  roster_.on_added(servers);
  half_idle_.push_back(false);
  note_half_idle(seat, is_half_idle(servers[seat]));
}

void Locality::on_removed(const ServerList& servers, std::size_t seat) {
  lightest_.on_removed(servers, seat);
  roster_.on_removed(seat);
  note_half_idle(seat, false);
  half_idle_.erase(seat);
}

void Locality::on_edited(const ServerList& servers, std::size_t seat) {
  roster_.on_edited(servers, seat);
  on_load(servers, seat);
}

void Locality::on_load(const ServerList& servers, std::size_t seat) {
  lightest_.on_load(servers, seat);
  note_half_idle(seat, is_half_idle(servers[seat]));
}

void Locality::note_half_idle(std::size_t seat, bool is_half_idle_now) {
  if (half_idle_.contains(seat) == is_half_idle_now) return;
  half_idle_.set(seat, is_half_idle_now);
  if (is_half_idle_now) {
    ++half_idle_count_;
  } else {
    --half_idle_count_;
  }
}

}  // namespace lvs::director
