#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "director/core/ftp_stream.h"
#include "director/core/records.h"

namespace lvs::director {

/// What came of the help for FTP.
struct FtpCounters {
  std::uint64_t sessions = 0;
  std::uint64_t sessions_refused = 0;  ///< there were too many; they go on without help
  std::uint64_t data_expected = 0;     ///< data connections that were announced
  std::uint64_t data_refused = 0;      ///< the table was full, or no port was free
  std::uint64_t foreign = 0;           ///< announced for another host: left alone
  std::uint64_t rewritten = 0;         ///< answers whose text was changed
  std::uint64_t not_rewritten = 0;     ///< no room for a longer text, or cut into fragments
};

/// What is known of one control connection beside its record.
struct FtpSession {
  std::uint64_t key = 0;  ///< 0: free
  std::uint32_t next = 0;
  /// The table position of the newest data connection, and the port that says whether what lies
  /// there now is still that one.
  std::uint32_t data = 0;
  Port data_port{};
  FtpStream stream{};
};

/// The control connections that are helped: records marked with connection_flag::kHelped, found by
/// their place in the table of their family. Bounded, and all memory is taken at the start.
class FtpSessions {
 public:
  explicit FtpSessions(std::size_t limit);

  bool is_empty() const { return used_ == 0; }
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
  std::size_t used_ = 0;
};

}  // namespace lvs::director
