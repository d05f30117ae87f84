#pragma once

#include <cstdint>

namespace lvs::director {

/// What came of the help for FTP.
struct FtpCounters {
  std::uint64_t sessions = 0;
  std::uint64_t sessions_refused = 0;  ///< there were too many; they go on without help
  std::uint64_t data_expected = 0;     ///< data connections that were announced
  std::uint64_t data_refused = 0;      ///< the table was full, or no port was free
  std::uint64_t foreign = 0;           ///< announced for another host: left alone
  std::uint64_t rewritten = 0;         ///< answers whose text was changed
  std::uint64_t not_rewritten = 0;     ///< their text was sent before its end came, or had no room
};

}  // namespace lvs::director
