#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "net/json/json.h"

// Recordings of real IPVS, one scenario a line: see README.md beside them.

namespace lvs::test {

/// The lines of a recording's file; nothing when it is not there. LVSKIT_SHARED names the folder
/// that holds `golden/`, from the environment or the build.
std::optional<std::vector<Json>> read_recordings(const std::string& file);

/// Members as plain values; empty where there is none.
std::string text_of(const Json& object, const std::string& key);
std::vector<std::string> texts_of(const Json& object, const std::string& key);
std::size_t number_of(const Json& object, const std::string& key);
const Json::Array& items_of(const Json& object, const std::string& key);

/// Split at spaces.
std::vector<std::string> words_of(const std::string& line);

}  // namespace lvs::test
