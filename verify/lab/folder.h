#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lvs::verify {

// BASE is profiles::state_base().

/// BASE/lab-NAME.
std::filesystem::path lab_folder(const std::filesystem::path& base, const std::string& name);

/// The names of all labs below the base, sorted; none when there is no base.
std::vector<std::string> lab_names(const std::filesystem::path& base);

}  // namespace lvs::verify
