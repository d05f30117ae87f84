#include "director/io/event_loop.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ostream>

#include <boost/asio.hpp>

#include "director/io/control_server.h"
#include "director/io/listing.h"
#include "director/io/neighbours.h"
#include "director/io/worker.h"
#include "net/linux/sys_error.h"

namespace lvs::director {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::seconds kHeartbeat{1};

}  // namespace

struct EventLoop::State {
  State(Parts run_parts, std::ostream& to)
      : parts(std::move(run_parts)),
        log(to),
        signals(loop, SIGTERM, SIGINT, SIGHUP),
        heartbeat(loop),
        kernel_events(loop),
        announcer(loop, parts.announcements) {}

  Result<void> open();
  Result<void> start();

  // Next hops.
  void collect_used();
  void ask_neighbours();
  void push_changes();
  void find_ways_back(const std::vector<IpAddr>& clients);
  void on_heartbeat();
  void await_kernel_events();
  void on_link(const LinkNews& link);
  void number_nic(const LinkNews& link);

  // Control.
  void on_request(const std::string& command, const Json& request,
                  const ControlServer::Reply& reply);
  Json about(const std::string& command) const;
  void list(const ControlServer::Reply& reply);
  void connections(std::uint32_t from, const ControlServer::Reply& reply);
  template <typename Take, typename Make>
  void ask_worker(const ControlServer::Reply& reply, Take take, Make make);

  Parts parts;
  std::ostream& log;
  asio::io_context loop;
  asio::signal_set signals;
  asio::steady_timer heartbeat;
  asio::posix::stream_descriptor kernel_events;
  Announcer announcer;
  std::unique_ptr<Neighbours> neighbours;
  std::unique_ptr<Worker> worker;
  std::unique_ptr<ControlServer> control;

  /// Decided, not yet told to the worker; told in this order.
  struct News {
    bool forget_routes = false;
    std::vector<HopChange> changes;
    std::vector<RouteAnswer> routes;
    std::optional<std::vector<MarkRule>> marks;
    bool is_empty() const { return !forget_routes && changes.empty() && routes.empty() && !marks; }
  };
  News news;
};

Result<void> EventLoop::State::open() {
  LVS_TRY(neighbours, Neighbours::open());
  for (const HopToFollow& hop : parts.hops) neighbours->add(hop.id, hop.server);
  neighbours->add_stock(parts.hops_to_clients);
  Worker::Options options;
  options.spin = parts.spin;
  options.on_hop_wanted = [this] { asio::post(loop, [this] { collect_used(); }); };
  options.on_routes_wanted = [this](std::vector<IpAddr> clients) {
    asio::post(loop, [this, clients = std::move(clients)] { find_ways_back(clients); });
  };
  LVS_TRY(worker,
          Worker::create(std::move(parts.engine), std::move(parts.carrier), std::move(options)));
  const auto handler = [this](const std::string& command, const Json& request,
                              const ControlServer::Reply& reply) {
    on_request(command, request, reply);
  };
  LVS_TRY(control, ControlServer::open(loop, parts.socket, parts.group, handler, {}));
  // Asio closes what it is given, and this one belongs to the netlink socket.
  const int events = fcntl(neighbours->fd(), F_DUPFD_CLOEXEC, 0);
  if (events < 0)
    return fail(std::string("watch the kernel's events: ") + linux_net::errno_text(errno));
  kernel_events.assign(events);
  return {};
}

Result<void> EventLoop::State::start() {
  LVS_CHECK(neighbours->refresh());
  worker->start();
  ask_neighbours();
  push_changes();
  await_kernel_events();
  on_heartbeat();
  announcer.start();
  signals.async_wait([this](error_code error, int) {
    if (!error) loop.stop();
  });
  log << "ready: host " << parts.about.back().second << " forwards, control socket " << parts.socket
      << std::endl;
  return {};
}

/// Which next hops were used is known to the worker alone.
void EventLoop::State::collect_used() {
  worker->post([this](WorkerView& view) {
    asio::post(loop, [this, used = view.pump.take_used()] {
      for (const NextHopId id : used) neighbours->mark_used(id);
      ask_neighbours();
      push_changes();
    });
  });
}

void EventLoop::State::ask_neighbours() {
  // One line a second at most: the heartbeat's. A server without an answer is shown by `list`.
  if (const auto asked = neighbours->ask(worker->now()); !asked)
    log << "warning: " << asked.error().what << std::endl;
}

/// Replies of servers wait for these.
void EventLoop::State::find_ways_back(const std::vector<IpAddr>& clients) {
  WaysBack ways = neighbours->find_ways_back(clients);
  news.forget_routes = news.forget_routes || ways.forget_others;
  if (ways.forget_others) news.routes.clear();
  news.routes.insert(news.routes.end(), ways.answers.begin(), ways.answers.end());
  ask_neighbours();
  push_changes();
}

void EventLoop::State::push_changes() {
  const std::vector<HopChange> fresh = neighbours->take_changes();
  news.changes.insert(news.changes.end(), fresh.begin(), fresh.end());
  if (news.is_empty()) return;
  const bool queued = worker->post([told = news](WorkerView& view) {
    if (told.marks) view.engine.set_marks(*told.marks);
    if (told.forget_routes) view.pump.forget_routes();
    for (const HopChange& change : told.changes) view.pump.set_next_hop(change.id, change.hop);
    if (!told.routes.empty()) view.pump.set_routes(told.routes);
  });
  if (queued) news = {};  // else they go with the next heartbeat
}

void EventLoop::State::on_heartbeat() {
  collect_used();
  push_changes();
  heartbeat.expires_after(kHeartbeat);
  heartbeat.async_wait([this](error_code error) {
    if (!error) on_heartbeat();
  });
}

void EventLoop::State::await_kernel_events() {
  kernel_events.async_wait(asio::posix::descriptor_base::wait_read, [this](error_code error) {
    if (error) return;
    if (const auto told = neighbours->handle_events()) {
      for (const LinkNews& link : told->links) on_link(link);
      if (told->ways_changed) {
        news.forget_routes = true;
        news.routes.clear();
      }
    } else {
      log << "warning: " << told.error().what << std::endl;
    }
    push_changes();
    await_kernel_events();
  });
}

/// A NIC that comes back has another number, and marks say which it is by its name.
void EventLoop::State::number_nic(const LinkNews& link) {
  const auto known = parts.nic_numbers.find(link.name);
  const bool is_known = known != parts.nic_numbers.end();
  if (link.gone ? !is_known : is_known && known->second == link.index) return;
  if (link.gone)
    parts.nic_numbers.erase(known);
  else
    parts.nic_numbers[link.name] = link.index;
  if (parts.marks.empty()) return;
  news.marks = mark_rules(parts.marks, parts.nic_numbers);
}

void EventLoop::State::on_link(const LinkNews& link) {
  if (std::ranges::find(parts.nics, link.name) == parts.nics.end()) return;
  number_nic(link);
  worker->post([this, link](WorkerView& view) {
    if (link.gone) return view.carrier.close_link(link.index);
    const auto opened = view.carrier.open_link(link.name, link.index);
    if (opened) return;
    asio::post(loop,
               [this, what = opened.error().what] { log << "warning: " << what << std::endl; });
  });
  if (link.gone)
    log << "warning: " << link.name << " has gone, and its set-up with it; when it is back, "
        << "`lvs-director apply` sets it up again" << std::endl;
}

Json EventLoop::State::about(const std::string& command) const {
  Json document = control_reply(command);
  for (const auto& [key, value] : parts.about) document.set(key, value);
  document.set("pid", std::int64_t{getpid()});
  return document.set("carrier", "packet");
}

void EventLoop::State::on_request(const std::string& command, const Json& request,
                                  const ControlServer::Reply& reply) {
  if (command == "status") return reply(about(command));
  if (command == "list") return list(reply);
  if (command != "connections")
    return reply(control_error("unknown command " + command +
                               "; this director has: status, list, connections"));
  const Result<std::int64_t> from = request.int_at("from");
  if (!from) return reply(control_error(from.error().what));
  if (*from < 0 || *from > std::numeric_limits<std::uint32_t>::max())
    return reply(control_error("from: no position in the connection table"));
  connections(static_cast<std::uint32_t>(*from), reply);
}

void EventLoop::State::list(const ControlServer::Reply& reply) {
  ask_worker(reply, take_state, [this](DirectorState state) {
    const Json listed =
        state_document(std::move(state), [this](NextHopId id) { return neighbours->describe(id); });
    Json document = about("list");
    Json warnings = Json::array();
    for (const std::string& warning : parts.warnings) warnings.push(Json(warning));
    document.set("warnings", std::move(warnings));
    for (const auto& [key, value] : *listed.as_object()) document.set(key, value);
    return document;
  });
}

void EventLoop::State::connections(std::uint32_t from, const ControlServer::Reply& reply) {
  const auto take = [from](const WorkerView& view) { return take_connections(view, from); };
  ask_worker(reply, take, [](const ConnectionsPage& page) {
    const Json listed = connections_document(page);
    Json document = control_reply("connections");
    for (const auto& [key, value] : *listed.as_object()) document.set(key, value);
    return document;
  });
}

/// Takes values between two batches of packets, and makes the reply from them on this thread.
template <typename Take, typename Make>
void EventLoop::State::ask_worker(const ControlServer::Reply& reply, Take take, Make make) {
  const bool queued = worker->post([this, reply, take, make](WorkerView& view) {
    asio::post(loop,
               [reply, make, taken = take(view)]() mutable { reply(make(std::move(taken))); });
  });
  if (!queued) reply(control_error("the director is busy; try again"));
}

EventLoop::EventLoop(std::unique_ptr<State> state) : state_(std::move(state)) {}
EventLoop::~EventLoop() = default;

Result<std::unique_ptr<EventLoop>> EventLoop::create(Parts parts, std::ostream& log) {
  auto state = std::make_unique<State>(std::move(parts), log);
  LVS_CHECK(state->open());
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private to make_unique
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(state)));
}

Result<void> EventLoop::run() {
  LVS_CHECK(state_->start());
  state_->loop.run();
  return {};
}

void EventLoop::stop_forwarding() { state_->worker->stop(); }

}  // namespace lvs::director
