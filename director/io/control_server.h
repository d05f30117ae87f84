#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "net/base/result.h"
#include "net/json/json.h"

namespace boost::asio {
class io_context;
}

namespace lvs::director {

/// The schema number of every document on the socket (design: a higher one is refused).
inline constexpr int kControlSchema = 1;

/// A reply that says what was wrong with a request.
Json control_error(const std::string& message);
/// The head of a successful reply to `command`: schema, program, command, result "ok".
Json control_reply(const std::string& command);

/// The control socket: one JSON document a line in, one a line out, in order. Runs on an event
/// loop; a client that sends too much, too slowly or does not read is told so and closed, and none
/// holds up another.
class ControlServer {
 public:
  struct Limits {
    std::size_t line_bytes = std::size_t{64} * 1024;
    std::size_t clients = 32;
    std::chrono::milliseconds patience{10000};  ///< for a whole line to come, a reply to be taken
  };
  /// Gets a request that is an object of our schema with a "command". Calls `reply` once, on the
  /// event loop's thread, now or later.
  using Reply = std::function<void(const Json&)>;
  using Handler = std::function<void(const std::string& command, const Json& request, Reply reply)>;

  /// Binds to `path`, whose stale file is removed: the caller holds the lock that says that no
  /// other director runs. The file is 0660 for `group` where that exists, else 0600.
  static Result<std::unique_ptr<ControlServer>> open(boost::asio::io_context& loop,
                                                     const std::filesystem::path& path,
                                                     const std::string& group, Handler handler,
                                                     const Limits& limits);
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;
  ControlServer(ControlServer&&) = delete;
  ControlServer& operator=(ControlServer&&) = delete;
  /// Closes every client and removes the socket's file.
  // NOLINTNEXTLINE(bugprone-exception-escape): only out of memory, which ends us anyway
  ~ControlServer();

 private:
  struct State;
  explicit ControlServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace lvs::director
