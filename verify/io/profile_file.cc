#include "verify/io/profile_file.h"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "profiles/core/read.h"

namespace lvs::verify {

Outcome<profiles::Profile> load_profile(const std::string& path) {
  errno = 0;
  std::ifstream file{path, std::ios::binary};
  std::string text(profiles::kMaxProfileBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof())
    return tl::unexpected(Failure{ExitStatus::Failed,
                                  "read " + path + ": " + std::generic_category().message(errno)});
  text.resize(static_cast<std::size_t>(file.gcount()));
  profiles::ReadResult read = profiles::read_profile(text, path);
  if (read.errors.empty()) return std::move(read.profile);
  std::string message;
  for (const profiles::ProfileError& error : read.errors)
    message += (message.empty() ? "" : "\n") + profiles::to_string(error);
  return refuse(ExitStatus::BadProfile, message);
}

}  // namespace lvs::verify
