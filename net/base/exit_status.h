#pragma once

namespace lvs {

/// What our programs exit with. The numbers are a promise to scripts (README, "Exit codes"); they
/// never mix with a library's own codes. The ipvsadm dialect keeps ipvsadm's.
enum class ExitStatus : int {
  Ok = 0,             ///< done; in sync; all passed; nothing to revert
  Failed = 1,         ///< failed, and rolled back or never begun; no running director
  Differs = 2,        ///< drift found; a difference (plan); a check did not pass
  Incomplete = 3,     ///< failed and not wholly rolled back, or a changed object was left
  Usage = 64,         ///< the command line is wrong
  BadProfile = 65,    ///< the profile is wrong, or two profiles want different things
  Unsupported = 69,   ///< this kernel lacks something
  Bug = 70,           ///< ours: please report
  NoPermission = 77,  ///< a right is missing; nothing was judged
};

}  // namespace lvs
