#include "profiles/core/objects/file.h"

namespace lvs::profiles {

std::string describe(const FileFact& file) {
  if (file.is_link) return "link " + file.path + " to " + file.content;
  return "file " + file.path;
}

std::string identity(const FileFact& file) { return file.path; }
bool same_place(const FileFact& a, const FileFact& b) { return a.path == b.path; }
bool is_as_made(const FileFact& present, const FileFact& made) { return present == made; }
bool serves(const FileFact& present, const FileFact& wanted) { return present == wanted; }

}  // namespace lvs::profiles
