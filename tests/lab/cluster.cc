#include "tests/lab/cluster.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <sstream>

#include "tests/lab/log_watch.h"

namespace lvs::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

}  // namespace

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::unique_ptr<Tcpdump> Tcpdump::start(int netns_fd, const fs::path& log,
                                        const std::vector<std::string>& arguments) {
  linux_net::Program program{
      .path = "tcpdump",
      .args = {"-i", "eth0", "-n", "-e", "-l", "-s", "128", "--immediate-mode", "-B", "16384"},
      .netns_fd = netns_fd};
  program.args.insert(program.args.end(), arguments.begin(), arguments.end());
  auto child = linux_net::ChildProcess::start(program, {.log_path = log});
  if (!child) {
    ADD_FAILURE() << child.error().what;
    return nullptr;
  }
  EXPECT_TRUE(wait_for_text("listening on", log, *child, std::chrono::seconds(10)))
      << contents(log);
  return std::unique_ptr<Tcpdump>(new Tcpdump(std::move(*child), log));
}

std::vector<std::string> Tcpdump::stop() {
  EXPECT_TRUE(process_.signal(SIGINT));
  EXPECT_TRUE(process_.wait_until(Clock::now() + std::chrono::seconds(10)));
  std::vector<std::string> packets;
  bool counted = false;
  for (const std::string& line : lines_of(contents(log_))) {
    if (line.find("packets dropped by kernel") != std::string::npos) {
      EXPECT_EQ(line.substr(0, 2), "0 ") << log_;
      counted = true;
    }
    if (!line.empty() && line.find(" > ") != std::string::npos) packets.push_back(line);
  }
  EXPECT_TRUE(counted) << contents(log_);
  return packets;
}

std::unique_ptr<Cluster> Cluster::up(const std::string& profile) {
  std::unique_ptr<Cluster> cluster(new Cluster);
  cluster->bin_ = fs::canonical("/proc/self/exe").parent_path();
  cluster->profile_ = fs::path(LVS_SOURCE_DIR) / "profiles" / profile;
  cluster->name_ = "accept-" + std::to_string(getpid());
  std::string scratch = fs::temp_directory_path() / "lvskit-accept-XXXXXX";
  if (mkdtemp(scratch.data()) == nullptr) return nullptr;
  cluster->scratch_ = scratch;
  const auto made = linux_net::run_program(
      {.path = cluster->bin_ / "lvs-verify",
       .args = {"lab", "up", cluster->profile_, "--name", cluster->name_, "--state-dir", scratch}},
      std::chrono::seconds(60));
  if (!made || made->exit_code != 0) {
    ADD_FAILURE() << (made ? made->out + made->err : made.error().what);
    return nullptr;
  }
  return cluster;
}

Cluster::~Cluster() {
  if (director_) stop_director();
  const auto down = linux_net::run_program(
      {.path = bin_ / "lvs-verify", .args = {"lab", "down", name_, "--state-dir", scratch_}},
      std::chrono::seconds(60));
  EXPECT_TRUE(down && down->exit_code == 0) << (down ? down->err : down.error().what);
  namespaces_.clear();
  fs::remove_all(scratch_);
}

linux_net::Finished Cluster::on(const std::string& host, std::vector<std::string> command,
                                int seconds) const {
  // Our own programs come from the folder of this test, never from PATH.
  if (fs::exists(bin_ / command[0])) command[0] = bin_ / command[0];
  std::vector<std::string> args{"lab", "exec", name_, host, "--state-dir", scratch_, "--"};
  args.insert(args.end(), command.begin(), command.end());
  const auto done = linux_net::run_program({.path = bin_ / "lvs-verify", .args = args},
                                           std::chrono::seconds(seconds));
  if (done) return *done;
  ADD_FAILURE() << command[0] << " on " << host << ": " << done.error().what;
  return {.exit_code = -1};
}

std::string Cluster::ok_on(const std::string& host, std::vector<std::string> command,
                           int seconds) const {
  const std::string what = command[0];
  const linux_net::Finished done = on(host, std::move(command), seconds);
  EXPECT_EQ(done.exit_code, 0) << what << " on " << host << ":\n" << done.out << done.err;
  return done.out;
}

void Cluster::apply_on(const std::vector<std::string>& hosts) const {
  for (const std::string& host : hosts) ok_on(host, {"lvs-realserver", "apply", profile_});
}

void Cluster::run_director(const std::string& program) {
  const fs::path log = scratch_ / "director.log";
  fs::remove(log);  // of an earlier one
  auto child =
      linux_net::ChildProcess::start({.path = bin_ / "lvs-verify",
                                      .args = {"lab", "exec", name_, "lb1", "--state-dir", scratch_,
                                               "--", bin_ / program, "run", profile_}},
                                     {.log_path = log});
  ASSERT_TRUE(child) << child.error().what;
  director_.emplace(std::move(*child));
  ASSERT_TRUE(wait_for_text("ready: host", log, *director_, std::chrono::seconds(20)))
      << director_log();
  ok_on("lb1", {"lvs-director", "list"});
}

int Cluster::stop_director() {
  EXPECT_TRUE(director_->signal(SIGTERM));
  const auto status = director_->wait_until(Clock::now() + std::chrono::seconds(20));
  director_.reset();
  return status.value_or(-1);
}

std::string Cluster::director_log() const { return contents(scratch_ / "director.log"); }

std::unique_ptr<Tcpdump> Cluster::listen(const std::string& host, const std::string& filter,
                                         std::vector<std::string> arguments) {
  arguments.push_back(filter);
  const std::string name = "listen-" + std::to_string(listeners_++) + "-" + host + ".log";
  return Tcpdump::start(netns(host), scratch_ / name, arguments);
}

int Cluster::netns(const std::string& host) {
  const auto known = std::find_if(namespaces_.begin(), namespaces_.end(),
                                  [&](const auto& entry) { return entry.first == host; });
  if (known != namespaces_.end()) return known->second.fd();
  // A program that waits there shows us the namespace under its pid.
  const fs::path log = scratch_ / ("netns-" + host);
  auto waits = linux_net::ChildProcess::start(
      {.path = bin_ / "lvs-verify",
       .args = {"lab", "exec", name_, host, "--state-dir", scratch_, "--", "sh", "-c",
                "echo there; exec tail -f /dev/null"}},
      {.log_path = log});
  EXPECT_TRUE(waits);
  EXPECT_TRUE(wait_for_text("there", log, *waits, std::chrono::seconds(10)));
  auto opened = linux_net::NetNamespace::open(std::to_string(waits->pid()));
  EXPECT_TRUE(opened) << opened.error().what;
  namespaces_.emplace_back(host, std::move(*opened));
  return namespaces_.back().second.fd();
}

std::string Cluster::mac(const std::string& host) const {
  std::string text = ok_on(host, {"ip", "-br", "link", "show", "eth0"});
  const std::size_t colon = text.find(':');
  return colon == std::string::npos ? "" : text.substr(colon - 2, 17);
}

}  // namespace lvs::test
