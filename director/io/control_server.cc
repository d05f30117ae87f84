#include "director/io/control_server.h"

#include <grp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <utility>

#include <boost/asio.hpp>

#include "net/linux/sys_error.h"

namespace lvs::director {
namespace {

namespace asio = boost::asio;
using Stream = asio::local::stream_protocol;
using boost::system::error_code;

/// The request's command, or why it is none of ours.
Result<std::string> command_of(const Json& request) {
  if (!request.is_object()) return fail("a request is a JSON object");
  LVS_TRY(const std::int64_t schema, request.int_at("schema"));
  if (schema != kControlSchema)
    return fail("this director speaks schema " + std::to_string(kControlSchema) +
                ", the request has schema " + std::to_string(schema));
  return request.text_at("command");
}

}  // namespace

Json control_error(const std::string& message) {
  return Json::object({{"schema", kControlSchema},
                       {"program", "lvs-director"},
                       {"result", "error"},
                       {"errors", Json::Array{Json::object({{"message", message}})}}});
}

Json control_reply(const std::string& command) {
  return Json::object({{"schema", kControlSchema},
                       {"program", "lvs-director"},
                       {"command", command},
                       {"result", "ok"}});
}

namespace {

class Client;
using Clients = std::set<std::shared_ptr<Client>>;

/// One connection: read a line, answer it, and again. One request is in work at a time, so a client
/// that floods waits for its own replies.
class Client : public std::enable_shared_from_this<Client> {
 public:
  Client(Stream::socket socket, const ControlServer::Handler& handler,
         const ControlServer::Limits& limits, std::weak_ptr<Clients> all)
      : socket_(std::move(socket)),
        deadline_(socket_.get_executor()),
        handler_(handler),
        limits_(limits),
        all_(std::move(all)) {}

  void read() {
    arm([self = shared_from_this()] { self->refuse("no whole line came in time"); });
    asio::async_read_until(socket_, asio::dynamic_buffer(input_, limits_.line_bytes), '\n',
                           [self = shared_from_this()](error_code error, std::size_t size) {
                             if (self->refused_) return;
                             self->disarm();
                             if (error == asio::error::not_found)
                               return self->refuse("a request is at most " +
                                                   std::to_string(self->limits_.line_bytes) +
                                                   " bytes long");
                             if (error) return self->close();
                             self->on_line(size);
                           });
  }

  /// Says why and closes.
  void refuse(const std::string& message) {
    refused_ = true;
    error_code ignored;
    socket_.cancel(ignored);
    write(control_error(message), [](Client& client) { client.close(); });
  }

  void close() {
    disarm();
    error_code ignored;
    socket_.close(ignored);
    if (const auto all = all_.lock()) all->erase(shared_from_this());
  }

 private:
  void arm(std::function<void()> when_over) {
    deadline_.expires_after(limits_.patience);
    deadline_.async_wait([self = shared_from_this(), number = ++deadline_number_,
                          when_over = std::move(when_over)](error_code error) {
      if (!error && number == self->deadline_number_) when_over();
    });
  }

  /// The number makes a deadline void that was over already but has not been handled yet.
  void disarm() {
    ++deadline_number_;
    deadline_.cancel();
  }

  void on_line(std::size_t size) {
    const std::string line = input_.substr(0, size);
    input_.erase(0, size);
    const auto answer = [self = shared_from_this()](const Json& reply) {
      if (self->refused_) return;
      self->write(reply, [](Client& client) { client.read(); });
    };
    const Result<Json> request = parse_json(line);
    if (!request) return answer(control_error("not JSON: " + request.error().what));
    const Result<std::string> command = command_of(*request);
    if (!command) return answer(control_error(command.error().what));
    handler_(*command, *request, answer);
  }

  void write(const Json& document, void (*then)(Client&)) {
    if (!socket_.is_open()) return;
    output_ = to_text(document) + "\n";
    // A client that does not read its replies is not worth another one that says so.
    arm([self = shared_from_this()] { self->close(); });
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this(), then](error_code error, std::size_t) {
                        self->disarm();
                        if (error) return self->close();
                        then(*self);
                      });
  }

  Stream::socket socket_;
  asio::steady_timer deadline_;
  const ControlServer::Handler& handler_;
  const ControlServer::Limits& limits_;
  std::weak_ptr<Clients> all_;
  std::string input_;
  std::string output_;
  std::uint64_t deadline_number_ = 0;
  bool refused_ = false;
};

Result<gid_t> group_id(const std::string& group) {
  std::vector<char> buffer(16384);
  struct group entry {};
  struct group* found = nullptr;
  getgrnam_r(group.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return fail("no group " + group);
  return found->gr_gid;
}

/// 0600 from the start (the umask), then opened for the group where there is one.
Result<void> open_for_group(const std::filesystem::path& path, const std::string& group) {
  const Result<gid_t> gid = group_id(group);
  if (!gid) return {};
  const auto no_owner = static_cast<uid_t>(-1);
  // A user namespace may not know the group: then the socket stays ours alone.
  if (chown(path.c_str(), no_owner, *gid) != 0) return {};
  if (chmod(path.c_str(), 0660) == 0) return {};
  return fail("chmod " + path.string() + ": " + linux_net::errno_text(errno), errno);
}

Result<void> listen_at(Stream::acceptor& acceptor, const std::filesystem::path& path) {
  if (path.native().size() >= sizeof(sockaddr_un::sun_path))
    return fail("the path of the control socket is longer than a socket's may be: " +
                path.string() + " (use --socket)");
  if (unlink(path.c_str()) != 0 && errno != ENOENT)
    return fail("remove the old socket " + path.string() + ": " + linux_net::errno_text(errno),
                errno);
  const mode_t before = umask(0177);
  error_code error;
  acceptor.open(Stream(), error);
  if (!error) acceptor.bind(Stream::endpoint(path.string()), error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  umask(before);
  if (error) return fail("listen on " + path.string() + ": " + error.message(), error.value());
  return {};
}

}  // namespace

struct ControlServer::State : std::enable_shared_from_this<State> {
  State(asio::io_context& loop, std::filesystem::path socket_path, Handler on_request,
        const Limits& bounds)
      : acceptor(loop),
        path(std::move(socket_path)),
        handler(std::move(on_request)),
        limits(bounds),
        clients(std::make_shared<Clients>()) {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, Stream::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) self->admit(std::move(socket));
      self->accept();
    });
  }

  void admit(Stream::socket socket) {
    const bool full = clients->size() >= limits.clients;
    const auto client = std::make_shared<Client>(std::move(socket), handler, limits, clients);
    if (full) return client->refuse("too many clients; try again");
    clients->insert(client);
    client->read();
  }

  Stream::acceptor acceptor;
  std::filesystem::path path;
  Handler handler;
  Limits limits;
  std::shared_ptr<Clients> clients;
};

Result<std::unique_ptr<ControlServer>> ControlServer::open(asio::io_context& loop,
                                                           const std::filesystem::path& path,
                                                           const std::string& group,
                                                           Handler handler, const Limits& limits) {
  auto state = std::make_shared<State>(loop, path, std::move(handler), limits);
  LVS_CHECK(listen_at(state->acceptor, path));
  LVS_CHECK(open_for_group(path, group));
  state->accept();
  // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the constructor is private to make_unique
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(state)));
}

// NOLINTNEXTLINE(bugprone-exception-escape): only out of memory, which ends us anyway
ControlServer::~ControlServer() {
  error_code ignored;
  state_->acceptor.close(ignored);
  for (const auto& client : std::exchange(*state_->clients, {})) client->close();
  unlink(state_->path.c_str());
}

}  // namespace lvs::director
