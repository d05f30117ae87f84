#include "verify/lab/folder.h"

#include <algorithm>
#include <string_view>
#include <system_error>

namespace lvs::verify {
namespace {

constexpr std::string_view kPrefix = "lab-";

}  // namespace

std::filesystem::path lab_folder(const std::filesystem::path& base, const std::string& name) {
  return base / (std::string{kPrefix} + name);
}

std::vector<std::string> lab_names(const std::filesystem::path& base) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator{base, error}) {
    const std::string file = entry.path().filename().string();
    if (file.starts_with(kPrefix)) names.push_back(file.substr(kPrefix.size()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace lvs::verify
