#pragma once

#include <array>
#include <cstdint>

#include "director/core/config.h"
#include "net/base/time.h"

namespace lvs::director {

/// The three defences of IPVS (facts of IPVS, 2.12) and when they are in force. IPVS's "automatic"
/// looks at the host's free memory. Ours is bounded and taken at the start: what runs short is the
/// table, so automatic means here that less than a sixteenth of its connections is free.
class Defence {
 public:
  /// How full the fullest table is.
  struct Filling {
    std::uint32_t size = 0;
    std::uint32_t capacity = 1;
  };

  /// Judges anew. Called once a second, and at once when settings change.
  void judge(const EngineSettings& settings, Filling filling);

  bool drops_entries() const { return drops_entries_; }
  bool secures_tcp() const { return secures_tcp_; }
  /// True for one of so many packets that would open a flow.
  bool drops_this_packet();

 private:
  bool drops_entries_ = false;
  bool secures_tcp_ = false;
  std::uint32_t rate_ = 0;  ///< 0: none is dropped
  std::uint32_t until_next_ = 0;
};

}  // namespace lvs::director
