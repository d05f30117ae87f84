#include "director/io/worker.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/linux/sys_error.h"

namespace lvs::director {
namespace {

using Clock = std::chrono::steady_clock;
using Hundredths = std::chrono::duration<std::int64_t, std::centi>;

/// The longest sleep: connections expire and waiting frames are given up in between.
constexpr std::chrono::milliseconds kLongestRest{100};

}  // namespace

Result<std::unique_ptr<Worker>> Worker::create(std::unique_ptr<Engine> engine,
                                               std::unique_ptr<Carrier> carrier, Options options) {
  linux_net::UniqueFd wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return fail(std::string("eventfd: ") + linux_net::errno_text(errno), errno);
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private to make_unique
  return std::unique_ptr<Worker>(
      new Worker(std::move(engine), std::move(carrier), std::move(options), std::move(wake)));
}

Worker::Worker(std::unique_ptr<Engine> engine, std::unique_ptr<Carrier> carrier, Options options,
               linux_net::UniqueFd wake)
    : engine_(std::move(engine)),
      carrier_(std::move(carrier)),
      options_(std::move(options)),
      wake_(std::move(wake)),
      pump_(*engine_, *carrier_),
      started_(Clock::now()),
      spin_(options_.spin) {}

Worker::~Worker() { stop(); }

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::stop() {
  stopping_.store(true);
  eventfd_write(wake_.get(), 1);
  if (thread_.joinable()) thread_.join();
}

bool Worker::post(Command command) {
  {
    const std::lock_guard lock(mutex_);
    if (commands_.size() >= kQueuedCommands) return false;
    commands_.push_back(std::move(command));
    has_commands_.store(true);
  }
  eventfd_write(wake_.get(), 1);
  return true;
}

Tick Worker::now() const {
  const auto since_start = std::chrono::duration_cast<Hundredths>(Clock::now() - started_);
  return Tick{static_cast<std::uint32_t>(since_start.count())};  // wraps, as Tick says
}

/// A flood's connections end as they came, many in one tick, so what a tick leaves over is ended
/// between the next batches rather than in the next ticks: the table would stay full otherwise.
void Worker::run() {
  Tick expired_at = now();
  bool is_behind = false;
  Clock::time_point busy_at = Clock::now();
  while (!stopping_.load(std::memory_order_relaxed)) {
    run_commands();
    const Tick at = now();
    const std::size_t frames = pump_.run_batch(at);
    if (is_behind || at != expired_at) {
      is_behind = pump_.expire(at);
      expired_at = at;
    }
    tell_wants();
    if (frames > 0) {
      busy_at = Clock::now();
      spin_.found();
    } else if (!is_behind && Clock::now() - busy_at >= spin_.length()) {
      spin_.missed();
      rest();
      busy_at = Clock::now();
    }
  }
  pump_.give_up_waiting();
}

void Worker::tell_wants() {
  if (pump_.take_wanted() && options_.on_hop_wanted) options_.on_hop_wanted();
  if (!options_.on_routes_wanted) return;
  std::vector<IpAddr> clients = pump_.take_wanted_routes();
  if (!clients.empty()) options_.on_routes_wanted(std::move(clients));
}

void Worker::run_commands() {
  if (!has_commands_.load(std::memory_order_relaxed)) return;
  std::deque<Command> commands;
  {
    const std::lock_guard lock(mutex_);
    commands.swap(commands_);
    has_commands_.store(false);
  }
  WorkerView view{*engine_, *carrier_, pump_, now()};
  for (const Command& command : commands) command(view);
}

void Worker::rest() {
  carrier_->wait(wake_.get(), kLongestRest);
  eventfd_t count = 0;
  eventfd_read(wake_.get(), &count);
}

}  // namespace lvs::director
