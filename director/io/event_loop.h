#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "director/core/engine.h"
#include "director/io/announcer.h"
#include "director/io/carrier.h"
#include "director/io/configure.h"
#include "net/base/result.h"

namespace lvs::director {

/// A running director: the carrier thread, and on the calling thread an event loop with everything
/// that is not a packet: the control socket, notifications of the kernel, signals, timers.
class EventLoop {
 public:
  struct Parts {
    std::unique_ptr<Engine> engine;
    std::unique_ptr<Carrier> carrier;
    std::vector<HopToFollow> hops;
    std::vector<NextHopId> hops_to_clients;  ///< to be used for ways back
    std::chrono::microseconds spin{50};
    std::vector<std::string> nics;  ///< opened again when they come back
    NicNumbers nic_numbers;         ///< that they have now
    std::vector<MarkSetup> marks;
    std::vector<std::string> warnings;  ///< told by `list`
    std::vector<Announcement> announcements;
    std::vector<std::pair<std::string, std::string>> about;  ///< told by `list` and `status`
    std::string socket;
    std::string group;  ///< that may use the socket
  };

  /// Opens the control socket; nothing runs yet. `log` gets lines for people.
  static Result<std::unique_ptr<EventLoop>> create(Parts parts, std::ostream& log);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  EventLoop(EventLoop&&) = delete;
  EventLoop& operator=(EventLoop&&) = delete;
  ~EventLoop();

  /// Forwards and serves until SIGTERM, SIGINT or SIGHUP.
  Result<void> run();
  /// Ends the carrier thread; frames that still wait are counted as dropped.
  void stop_forwarding();

 private:
  struct State;
  explicit EventLoop(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lvs::director
