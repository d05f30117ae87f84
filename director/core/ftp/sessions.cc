#include "director/core/ftp/sessions.h"

#include <algorithm>

namespace lvs::director {
namespace {

/// Positions begin at 1, so it is never 0.
std::uint64_t key_of(Family family, std::uint32_t position) {
  return std::uint64_t{position} << 1 | (family == Family::Ipv6 ? 1u : 0u);
}

}  // namespace

FtpSessions::FtpSessions(std::size_t limit)
    : sessions_(limit), buckets_(std::max(limit, std::size_t{1})) {
  for (std::size_t i = limit; i > 0; --i) {
    sessions_[i - 1].next = free_;
    free_ = static_cast<std::uint32_t>(i);
  }
}

FtpSession* FtpSessions::add(Family family, std::uint32_t position) {
  if (free_ == 0) {
    ++counters.sessions_refused;
    return nullptr;
  }
  const std::uint32_t number = free_;
  FtpSession& session = sessions_[number - 1];
  free_ = session.next;
  session = {.key = key_of(family, position)};
  session.next = bucket(session.key);
  bucket(session.key) = number;
  ++counters.sessions;
  return &session;
}

FtpSession* FtpSessions::find(Family family, std::uint32_t position) {
  const std::uint64_t key = key_of(family, position);
  for (std::uint32_t number = bucket(key); number != 0; number = sessions_[number - 1].next)
    if (sessions_[number - 1].key == key) return &sessions_[number - 1];
  return nullptr;
}

void FtpSessions::remove(Family family, std::uint32_t position) {
  const std::uint64_t key = key_of(family, position);
  for (std::uint32_t* link = &bucket(key); *link != 0; link = &sessions_[*link - 1].next) {
    const std::uint32_t number = *link;
    FtpSession& session = sessions_[number - 1];
    if (session.key != key) continue;
    *link = session.next;
    session = {.next = free_};
    free_ = number;
    return;
  }
}

}  // namespace lvs::director
