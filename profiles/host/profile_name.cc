#include "profiles/host/profile_name.h"

#include <algorithm>
#include <filesystem>

#include "profiles/host/read_profile_file.h"

namespace lvs::host {
namespace {

constexpr std::size_t kMaxName = 20;

bool is_name(const std::string& text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && text.size() <= kMaxName && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

HostResult<std::string> profile_name(const std::string& file_or_name) {
  std::error_code error;
  const bool is_file = std::filesystem::is_regular_file(file_or_name, error);
  if (!is_file && is_name(file_or_name)) return file_or_name;
  auto profile = read_profile_file(file_or_name);
  if (!profile) return tl::unexpected<HostFailure>(std::move(profile).error());
  return std::move(profile->name);
}

}  // namespace lvs::host
