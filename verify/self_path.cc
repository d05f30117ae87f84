#include "verify/self_path.h"

#include <filesystem>
#include <system_error>

namespace lvs::verify {

std::string self_path() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).string();
}

}  // namespace lvs::verify
