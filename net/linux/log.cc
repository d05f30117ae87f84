#include "net/linux/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <memory>
#include <string>

// The only file that knows spdlog. It throws when it cannot be set up; a program without its log is
// still better than none.

namespace lvs::log {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::Debug:
      return spdlog::level::debug;
    case Level::Info:
      return spdlog::level::info;
    case Level::Warn:
      return spdlog::level::warn;
    case Level::Error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

void write(Level level, std::string_view text) {
  spdlog::default_logger_raw()->log(level_of(level),
                                    spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace

void init(std::string_view program, Level least) try {
  const auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>(std::string(program), sink);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %n: %v");
  logger->set_level(level_of(least));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
} catch (const std::exception& problem) {
  write(Level::Warn, problem.what());
}

void debug(std::string_view text) { write(Level::Debug, text); }
void info(std::string_view text) { write(Level::Info, text); }
void warn(std::string_view text) { write(Level::Warn, text); }
void error(std::string_view text) { write(Level::Error, text); }

}  // namespace lvs::log
