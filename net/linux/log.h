#pragma once

#include <cstdint>
#include <string_view>

namespace lvs::log {

enum class Level : std::uint8_t { Debug, Info, Warn, Error };

/// Sends what is logged from now on to standard error, with the time, the level and the program's
/// name. Call once, before threads start: until then messages go to
/// standard output.
void init(std::string_view program, Level least = Level::Info);

/// Safe from every thread. The text is printed as it is: it is no format.
void debug(std::string_view text);
void info(std::string_view text);
void warn(std::string_view text);
void error(std::string_view text);

}  // namespace lvs::log
