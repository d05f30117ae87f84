#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "net/base/result.h"

namespace lvs::profiles {

/// Below which folder our programs keep what they must remember: the given one, else
/// $LVSKIT_STATE_DIR, else /run/lvskit (root), else $XDG_RUNTIME_DIR/lvskit, else /tmp/lvskit-UID
/// (which must be ours alone). Always absolute.
Result<std::filesystem::path> state_base(const std::optional<std::string>& state_dir);

}  // namespace lvs::profiles
