#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "director/core/engine.h"
#include "director/io/carrier.h"
#include "director/io/pump.h"
#include "director/io/spin_budget.h"
#include "net/linux/fd.h"

namespace lvs::director {

/// What a command sees: the carrier thread's own things, between two batches.
struct WorkerView {
  Engine& engine;
  Carrier& carrier;
  Pump& pump;
  Tick now{};
};

/// The carrier thread. It owns the engine; everybody else reaches it by commands, which cross in a
/// bounded queue and run between two batches, so a command must be short.
class Worker {
 public:
  using Command = std::function<void(WorkerView&)>;
  static constexpr std::size_t kQueuedCommands = 1024;

  struct Options {
    std::chrono::microseconds spin{50};  ///< longest look for more frames before sleeping
    /// Called on the carrier thread when a frame waits for a next hop; may only pass the news on.
    std::function<void()> on_hop_wanted;
    /// The same, when replies wait for the ways to these clients: Pump::set_routes() is due.
    std::function<void(std::vector<IpAddr>)> on_routes_wanted;
  };

  static Result<std::unique_ptr<Worker>> create(std::unique_ptr<Engine> engine,
                                                std::unique_ptr<Carrier> carrier, Options options);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  Worker(Worker&&) = delete;
  Worker& operator=(Worker&&) = delete;
  ~Worker();

  void start();
  /// Ends the thread after its present batch; what is queued is not run. Idempotent.
  void stop();
  /// Any thread. False when the queue is full: nothing was queued.
  bool post(Command command);

  /// The clock that the engine's ticks count on: since create().
  Tick now() const;

 private:
  Worker(std::unique_ptr<Engine> engine, std::unique_ptr<Carrier> carrier, Options options,
         linux_net::UniqueFd wake);
  void run();
  void run_commands();
  void tell_wants();
  void rest();

  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Carrier> carrier_;
  Options options_;
  linux_net::UniqueFd wake_;
  Pump pump_;
  std::chrono::steady_clock::time_point started_;
  SpinBudget spin_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> has_commands_ = false;
  std::mutex mutex_;
  std::deque<Command> commands_;  // by mutex_
  std::thread thread_;
};

}  // namespace lvs::director
