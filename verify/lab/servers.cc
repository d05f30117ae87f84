#include "verify/lab/servers.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>
#include <functional>
#include <iterator>
#include <system_error>
#include <utility>

#include "verify/io/greeting.h"
#include "verify/io/http_client.h"
#include "verify/io/udp_probe.h"
#include "verify/lab/nginx_conf.h"
#include "verify/lab/spawn.h"

namespace lvs::verify {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kReadyWithin{15};
constexpr std::chrono::milliseconds kOneTry{500};
constexpr std::size_t kMarkEvery = std::size_t{64} * 1024;
constexpr std::size_t kMarkWords = 512;
constexpr std::size_t kLogTailBytes = 600;
constexpr Ipv4Addr kLoopback{127, 0, 0, 1};

std::string log_tail(const fs::path& path) {
  std::ifstream file{path};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  if (text.size() > kLogTailBytes) text.erase(0, text.size() - kLogTailBytes);
  return text.empty() ? "" : "\n" + path.string() + ":\n" + text;
}

/// Sleeps until a child ends or the time is over: servers tell nobody when they are ready.
void wait_for_child_event(std::chrono::milliseconds most) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  const timespec timeout{.tv_sec = 0, .tv_nsec = most.count() * 1'000'000};
  sigtimedwait(&child, nullptr, &timeout);
}

/// Asks until the server answers with the host's name.
Result<void> wait_ready(const RecordedProcess& server, const fs::path& log,
                        const std::function<bool()>& answers) {
  const auto deadline = Clock::now() + kReadyWithin;
  while (Clock::now() < deadline) {
    if (answers()) return {};
    if (waitpid(server.pid, nullptr, WNOHANG) == server.pid)
      return fail(server.what + " ended at once" + log_tail(log));
    wait_for_child_event(std::chrono::milliseconds{10});
  }
  return fail(server.what + " does not answer" + log_tail(log), ETIMEDOUT);
}

bool http_answers(const std::string& host, Port port) {
  const HttpAnswer answer = http_get(
      {.to = kLoopback, .port = port, .from = {}, .wanted_header = {}, .deadline = kOneTry});
  return answer.body == host + "\n";
}

bool echo_answers(const std::string& host, Port port) {
  const UdpAnswer answer =
      ask_udp({.to = kLoopback, .port = port, .from = {}, .text = "ready", .deadline = kOneTry});
  return answer.text == host + " ready";
}

Result<void> enter(const BuiltHost& host) {
  if (setns(host.netns.get(), CLONE_NEWNET) == 0) return {};
  return fail("enter the namespace of " + host.name, errno);
}

Result<RecordedProcess> start_nginx(const LabHost& host, const BuiltHost& built,
                                    const fs::path& folder, const fs::path& big) {
  const fs::path conf = folder / "nginx.conf";
  std::ofstream file{conf};
  file << nginx_conf(host, {.folder = folder.string(), .big_file = big.string()});
  file.close();
  if (!file) return fail("write " + conf.string(), errno);
  const std::string log = (folder / "nginx-start.log").string();
  LVS_TRY(RecordedProcess server,
          spawn({.what = "nginx of " + host.name,
                 .argv = {"nginx", "-e", (folder / "nginx-error.log").string(), "-p",
                          folder.string(), "-c", conf.string()},
                 .netns_fd = built.netns.get(),
                 .log_path = log}));
  for (const Port port : host.http_ports)
    LVS_CHECK(wait_ready(server, folder / "nginx-error.log",
                         [&] { return http_answers(host.name, port); }));
  return server;
}

Result<RecordedProcess> start_echo(const LabHost& host, const BuiltHost& built,
                                   const fs::path& folder, const std::string& self) {
  std::vector<std::string> argv{self, "echo", "--name", host.name};
  for (const Port port : host.echo_ports) {
    argv.emplace_back("--port");
    argv.push_back(std::to_string(port.number));
  }
  const fs::path log = folder / "echo.log";
  LVS_TRY(RecordedProcess server, spawn({.what = "echo of " + host.name,
                                         .argv = argv,
                                         .netns_fd = built.netns.get(),
                                         .log_path = log.string()}));
  for (const Port port : host.echo_ports)
    LVS_CHECK(wait_ready(server, log, [&] { return echo_answers(host.name, port); }));
  return server;
}

bool greets(const std::string& host, Port port) {
  const GreetingAnswer answer =
      read_greeting({.to = kLoopback, .port = port, .from = {}, .deadline = kOneTry});
  return answer.line.rfind("220 " + host + " ", 0) == 0;
}

Result<RecordedProcess> start_greeter(const LabHost& host, const BuiltHost& built,
                                      const fs::path& folder, const std::string& self) {
  std::vector<std::string> argv{self, "greet", "--name", host.name};
  for (const Port port : host.greeting_ports) {
    argv.emplace_back("--port");
    argv.push_back(std::to_string(port.number));
  }
  const fs::path log = folder / "greet.log";
  LVS_TRY(RecordedProcess server, spawn({.what = "greeter of " + host.name,
                                         .argv = argv,
                                         .netns_fd = built.netns.get(),
                                         .log_path = log.string()}));
  for (const Port port : host.greeting_ports)
    LVS_CHECK(wait_ready(server, log, [&] { return greets(host.name, port); }));
  return server;
}

Result<void> start_host(const LabHost& host, const BuiltHost& built, const fs::path& lab,
                        const std::string& self, std::vector<RecordedProcess>& started) {
  if (host.http_ports.empty() && host.echo_ports.empty() && host.greeting_ports.empty()) return {};
  LVS_CHECK(enter(built));
  const fs::path folder = lab / "hosts" / host.name;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail("make " + folder.string() + ": " + error.message(), error.value());
  if (!host.http_ports.empty()) {
    LVS_TRY(RecordedProcess server, start_nginx(host, built, folder, lab / "big"));
    started.push_back(std::move(server));
  }
  if (!host.echo_ports.empty()) {
    LVS_TRY(RecordedProcess server, start_echo(host, built, folder, self));
    started.push_back(std::move(server));
  }
  if (!host.greeting_ports.empty()) {
    LVS_TRY(RecordedProcess server, start_greeter(host, built, folder, self));
    started.push_back(std::move(server));
  }
  return {};
}

}  // namespace

Result<void> make_big_file(const fs::path& path) {
  const linux_net::UniqueFd file{
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (!file || ftruncate(file.get(), static_cast<off_t>(kBigFileBytes)) != 0)
    return fail("make " + path.string(), errno);
  std::array<std::uint64_t, kMarkWords> block{};
  std::uint64_t number = 1;
  for (std::size_t at = 0; at < kBigFileBytes; at += kMarkEvery) {
    for (std::uint64_t& word : block) word = number++ * 0x9e3779b97f4a7c15u;
    if (pwrite(file.get(), block.data(), sizeof block, static_cast<off_t>(at)) !=
        static_cast<ssize_t>(sizeof block))
      return fail("write " + path.string(), errno);
  }
  return {};
}

Result<std::vector<RecordedProcess>> start_servers(const Topology& topology,
                                                   const std::vector<BuiltHost>& hosts,
                                                   const fs::path& folder,
                                                   const std::string& self) {
  std::vector<RecordedProcess> started;
  for (const LabHost& host : topology.hosts)
    for (const BuiltHost& built : hosts)
      if (built.name == host.name) LVS_CHECK(start_host(host, built, folder, self, started));
  return started;
}

}  // namespace lvs::verify
