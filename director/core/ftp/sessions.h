#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "director/core/ftp/counters.h"
#include "director/core/ftp/reader.h"
#include "director/core/ftp/stream.h"
#include "director/core/records.h"

namespace lvs::director {

/// What is known of one control connection beside its record. At most one of its data connections
/// is waited for at a time: a new announcement takes the place of an older one.
struct FtpSession {
  std::uint64_t key = 0;  ///< 0: free
  std::uint32_t next = 0;
  /// The table position of the newest data connection, and the port where its listener waits: it
  /// says whether what lies there now is still that one.
  std::uint32_t data = 0;
  Port data_port{};
  FtpReader commands{};  ///< of the client
  FtpReader answers{};   ///< of the server
  FtpStream stream{};
};

/// The control connections that are helped: records marked with connection_flag::kHelped, found by
/// their place in the table of their family. Bounded, and all memory is taken at the start.
class FtpSessions {
 public:
  explicit FtpSessions(std::size_t limit);

  /// nullptr, and counted: there are too many.
  FtpSession* add(Family family, std::uint32_t position);
  FtpSession* find(Family family, std::uint32_t position);
  void remove(Family family, std::uint32_t position);

  FtpCounters counters;

 private:
  std::uint32_t& bucket(std::uint64_t key) { return buckets_[key % buckets_.size()]; }

  std::vector<FtpSession> sessions_;    ///< numbers begin at 1; the free ones are linked by `next`
  std::vector<std::uint32_t> buckets_;  ///< the first of each chain
  std::uint32_t free_ = 0;
};

}  // namespace lvs::director
