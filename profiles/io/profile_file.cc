#include "profiles/io/profile_file.h"

#include <utility>

#include "net/linux/file.h"

namespace lvs::profiles {

tl::expected<Profile, BadProfile> read_profile_file(const std::string& file) {
  const auto text = linux_net::read_small_file(file, kMaxProfileBytes + 1);
  if (!text) {
    return tl::unexpected(
        BadProfile{"the profile " + file + " cannot be read: " + text.error().what, {}});
  }
  ReadResult read = read_profile(*text, file);
  if (read.errors.empty()) return std::move(read.profile);
  BadProfile bad;
  for (const ProfileError& error : read.errors)
    bad.message += (bad.message.empty() ? "" : "\n") + to_string(error);
  bad.errors = std::move(read.errors);
  return tl::unexpected(std::move(bad));
}

}  // namespace lvs::profiles
