#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "net/base/result.h"

namespace lvs::verify {

/// Below which folder labs keep theirs: the given one, else $LVSKIT_STATE_DIR, else /run/lvskit
/// (root), else $XDG_RUNTIME_DIR/lvskit, else /tmp/lvskit-UID (which must be ours alone). Always
/// absolute.
Result<std::filesystem::path> lab_base(const std::optional<std::string>& state_dir);

/// BASE/lab-NAME.
std::filesystem::path lab_folder(const std::filesystem::path& base, const std::string& name);

/// The names of all labs below the base, sorted; none when there is no base.
std::vector<std::string> lab_names(const std::filesystem::path& base);

/// True for what a lab may be called: [a-z0-9-], 1 to 20, as a profile's name.
bool is_lab_name(const std::string& name);

}  // namespace lvs::verify
