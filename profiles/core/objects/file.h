#pragma once

#include <string>

namespace lvs::profiles {

/// A file of ours, or a symbolic link (a unit that is enabled). It is ours to remove only while it
/// is exactly what we wrote.
struct FileFact {
  std::string path;     ///< absolute
  std::string content;  ///< of a symbolic link: its target
  bool is_link = false;
  friend bool operator==(const FileFact&, const FileFact&) = default;
};

std::string describe(const FileFact& file);
std::string identity(const FileFact& file);
bool same_place(const FileFact& a, const FileFact& b);
bool is_as_made(const FileFact& present, const FileFact& made);
bool serves(const FileFact& present, const FileFact& wanted);

}  // namespace lvs::profiles
