#pragma once

#include <chrono>
#include <filesystem>

#include "net/base/result.h"
#include "net/json/json.h"
#include "net/linux/fd.h"

namespace lvs::director {

/// A connection to a running director.
class ControlClient {
 public:
  static constexpr std::size_t kMaxReplyBytes = std::size_t{64} * 1024 * 1024;

  /// ENOENT or ECONNREFUSED: there is no running director.
  static Result<ControlClient> connect(const std::filesystem::path& socket);

  /// Sends one request ("schema" is put in) and waits for its reply. A reply whose result is
  /// "error" is an Error with the director's own words.
  Result<Json> ask(Json request, std::chrono::milliseconds patience);

 private:
  explicit ControlClient(linux_net::UniqueFd fd) : fd_(std::move(fd)) {}
  Result<std::string> read_line(std::chrono::steady_clock::time_point deadline);
  Result<void> read_more(std::chrono::steady_clock::time_point deadline);

  linux_net::UniqueFd fd_;
  std::string buffer_;
};

}  // namespace lvs::director
