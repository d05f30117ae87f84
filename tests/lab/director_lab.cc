#include "tests/lab/director_lab.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>

#include "net/linux/rtnetlink.h"
#include "net/linux/socket_address.h"

namespace lvs::test {
namespace {

constexpr Ipv4Addr kVip(192, 168, 1, 99);

/// Fails the test and goes on with nothing: what follows fails with a message of its own.
template <typename Value>
Value must(Result<Value> result) {
  EXPECT_TRUE(result) << result.error().what;
  if constexpr (!std::is_void_v<Value>) return *std::move(result);
}

/// FNV-1a, continued from `hash`.
std::uint64_t fnv(std::uint64_t hash, std::string_view bytes) {
  for (const char byte : bytes) {
    hash ^= static_cast<unsigned char>(byte);
    hash *= 0x100000001b3u;
  }
  return hash;
}
constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325u;

std::string summary(std::uint64_t bytes, std::uint64_t hash) {
  return std::to_string(bytes) + " " + std::to_string(hash);
}

void put_on_lan(const Netns& fabric, const Netns& host, const std::string& port, Ipv4Addr address) {
  fabric.run([&] {
    auto routes = must(linux_net::RouteSocket::open());
    must(routes.add_veth(port, "eth0", host.fd()));
    const LinkIndex link = must(routes.link_named(port)).index;
    must(routes.set_master(link, must(routes.link_named("lan")).index));
    must(routes.set_up(link));
    return true;
  });
  host.run([&] {
    auto routes = must(linux_net::RouteSocket::open());
    const LinkIndex link = must(routes.link_named("eth0")).index;
    must(routes.set_up(must(routes.link_named("lo")).index));
    must(routes.set_up(link));
    linux_net::Address own;
    own.link = link;
    own.addr = address;
    own.prefix_len = 24;
    must(routes.add_address(own));
    return true;
  });
}

/// What lvs-realserver does for dr, by hand: these tests are about the director.
void make_real_server(const Netns& host) {
  host.run([] {
    for (const char* const place : {"all", "eth0", "lo"}) {
      const std::string base = std::string("/proc/sys/net/ipv4/conf/") + place;
      std::ofstream(base + "/arp_ignore") << 1;
      std::ofstream(base + "/arp_announce") << 2;
    }
    auto routes = must(linux_net::RouteSocket::open());
    linux_net::Address vip;
    vip.link = must(routes.link_named("lo")).index;
    vip.addr = kVip;
    must(routes.add_address(vip));
    return true;
  });
}

std::filesystem::path program_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace

CountingServer::CountingServer(const Netns& host, std::string name)
    : listener_(host.run([] {
        linux_net::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const int yes = 1;
        setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        const auto any = linux_net::socket_address(Ipv4Addr{}, Port{80});
        EXPECT_EQ(bind(fd.get(), any.get(), any.length), 0);
        EXPECT_EQ(listen(fd.get(), 64), 0);
        return fd;
      })),
      name_(std::move(name)),
      thread_([this] { serve(); }) {}

CountingServer::~CountingServer() {
  shutdown(listener_.get(), SHUT_RDWR);  // wakes accept()
  thread_.join();
}

void CountingServer::serve() {
  std::vector<char> chunk(std::size_t{1} << 20);
  while (true) {
    const linux_net::UniqueFd peer(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer) return;
    std::uint64_t bytes = 0;
    std::uint64_t hash = kFnvStart;
    ssize_t count = 0;
    while ((count = recv(peer.get(), chunk.data(), chunk.size(), 0)) > 0) {
      bytes += static_cast<std::uint64_t>(count);
      hash = fnv(hash, {chunk.data(), static_cast<std::size_t>(count)});
    }
    const std::string answer = name_ + " " + summary(bytes, hash);
    send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
  }
}

std::string answer_to(const std::string& bytes) {
  return summary(bytes.size(), fnv(kFnvStart, bytes));
}

std::unique_ptr<DirectorLab> DirectorLab::make() {
  std::vector<Netns> made;
  for (int i = 0; i < 5; ++i) {
    auto one = Netns::make();
    if (!one) return nullptr;
    made.push_back(*std::move(one));
  }
  std::unique_ptr<DirectorLab> lab(new DirectorLab(std::move(made[0]), std::move(made[1]),
                                                   std::move(made[2]), std::move(made[3]),
                                                   std::move(made[4])));
  std::string pattern = std::filesystem::temp_directory_path() / "lvskit-lab-XXXXXX";
  lab->folder_ = mkdtemp(pattern.data());
  lab->fabric.run([] {
    auto routes = must(linux_net::RouteSocket::open());
    must(routes.add_bridge("lan"));
    must(routes.set_up(must(routes.link_named("lan")).index));
    return true;
  });
  put_on_lan(lab->fabric, lab->client, "client", Ipv4Addr(192, 168, 1, 10));
  put_on_lan(lab->fabric, lab->director, "director", Ipv4Addr(192, 168, 1, 90));
  put_on_lan(lab->fabric, lab->rs1, "rs1", Ipv4Addr(192, 168, 1, 91));
  put_on_lan(lab->fabric, lab->rs2, "rs2", Ipv4Addr(192, 168, 1, 92));
  make_real_server(lab->rs1);
  make_real_server(lab->rs2);
  return lab;
}

DirectorLab::~DirectorLab() {
  running_.reset();
  std::filesystem::remove_all(folder_);
}

void DirectorLab::run_director(const std::string& profile, const std::string& program) {
  std::ofstream(folder_ / "profile.toml") << profile;
  const std::string log = folder_ / "director.log";
  const linux_net::Program started{
      .path = program_folder() / program,
      .args = {"run", folder_ / "profile.toml", "--state-dir", folder_ / "state"},
      .netns_fd = director.fd()};
  auto child = linux_net::ChildProcess::start(started, {.log_path = log});
  ASSERT_TRUE(child) << child.error().what;
  running_ = *std::move(child);
  const Clock::time_point deadline = in_seconds(20);
  while (director_command({"list"}).exit_code != 0) {
    std::ifstream in(log);
    log_.assign(std::istreambuf_iterator<char>(in), {});
    ASSERT_TRUE(running_->running()) << log_;
    ASSERT_LT(Clock::now(), deadline) << log_;
  }
}

int DirectorLab::stop_director(int signal_number) {
  EXPECT_TRUE(running_->signal(signal_number));
  const std::optional<int> status = running_->wait_until(in_seconds(20));
  std::ifstream in(folder_ / "director.log");
  log_.assign(std::istreambuf_iterator<char>(in), {});
  running_.reset();
  return status.value_or(-1);
}

linux_net::Finished DirectorLab::director_command(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--state-dir", folder_ / "state"});
  return must(linux_net::run_program({.path = program_folder() / "lvs-director",
                                      .args = std::move(arguments),
                                      .netns_fd = director.fd()},
                                     std::chrono::seconds(20)));
}

Json DirectorLab::list() const {
  return must(parse_json(director_command({"list", "--json"}).out));
}

std::string DirectorLab::ask(const std::string& bytes, std::uint16_t port, int* error) const {
  return ask_at(kVip, port, bytes, error);
}

std::string DirectorLab::ask_at(Ipv4Addr address, std::uint16_t port, const std::string& bytes,
                                int* error) const {
  return client.run([&]() -> std::string {
    const linux_net::UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval patience{20, 0};
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const auto to = linux_net::socket_address(address, Port{port});
    if (connect(fd.get(), to.get(), to.length) != 0) {
      if (error != nullptr) *error = errno;
      return {};
    }
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count = send(fd.get(), bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (count <= 0) return {};
      done += static_cast<std::size_t>(count);
    }
    shutdown(fd.get(), SHUT_WR);
    std::string answer;
    std::array<char, 256> chunk{};
    ssize_t count = 0;
    while ((count = recv(fd.get(), chunk.data(), chunk.size(), 0)) > 0)
      answer.append(chunk.data(), static_cast<std::size_t>(count));
    return answer;
  });
}

const std::string kHostsOfLab = R"(
[host.lb1]
role      = "director"
interface = "eth0"
address   = "192.168.1.90/24"

[host.rs1]
role      = "realserver"
interface = "eth0"
address   = "192.168.1.91/24"

[host.rs2]
role      = "realserver"
interface = "eth0"
address   = "192.168.1.92/24"
)";

std::string profile_text(const std::string& servers) {
  return R"(name = "lab"

[[service]]
vip       = "192.168.1.99"
port      = 80
method    = "dr"
scheduler = "rr"
servers   = )" +
         servers + "\n" + kHostsOfLab;
}

Trap::Trap(const Netns& where, std::span<const sock_filter> filter) {
  socket_ = where.run([&] {
    auto routes = must(linux_net::RouteSocket::open());
    return must(
        linux_net::PacketSocket::open(must(routes.link_named("eth0")).index, {.filter = filter}));
  });
}

std::vector<linux_net::ReceivedFrame> Trap::caught() {
  std::vector<linux_net::ReceivedFrame> frames;
  while (auto frame = wait_for_one(Clock::now())) frames.push_back(*std::move(frame));
  return frames;
}

std::optional<linux_net::ReceivedFrame> Trap::wait_for_one(Clock::time_point deadline) {
  return must(socket_->receive_until(deadline));
}

// Offsets of an Ethernet frame with an IPv4 header of 20 bytes, which is what these hosts send.
const std::vector<sock_filter> kRefusals{{BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
                                         {BPF_JMP | BPF_JEQ | BPF_K, 0, 8, 0x0800},
                                         {BPF_LD | BPF_W | BPF_ABS, 0, 0, 26},
                                         {BPF_JMP | BPF_JEQ | BPF_K, 0, 6, kVip.number()},
                                         {BPF_LD | BPF_B | BPF_ABS, 0, 0, 23},
                                         {BPF_JMP | BPF_JEQ | BPF_K, 3, 0, 1},
                                         {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 6},
                                         {BPF_LD | BPF_B | BPF_ABS, 0, 0, 47},
                                         {BPF_JMP | BPF_JSET | BPF_K, 0, 1, 0x04},
                                         {BPF_RET | BPF_K, 0, 0, 0xffff},
                                         {BPF_RET | BPF_K, 0, 0, 0}};
const std::vector<sock_filter> kSyns{{BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
                                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 8, 0x0800},
                                     {BPF_LD | BPF_W | BPF_ABS, 0, 0, 30},
                                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 6, kVip.number()},
                                     {BPF_LD | BPF_B | BPF_ABS, 0, 0, 23},
                                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 4, 6},
                                     {BPF_LD | BPF_B | BPF_ABS, 0, 0, 47},
                                     {BPF_ALU | BPF_AND | BPF_K, 0, 0, 0x12},
                                     {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x02},
                                     {BPF_RET | BPF_K, 0, 0, 0xffff},
                                     {BPF_RET | BPF_K, 0, 0, 0}};

MacAddr mac_of(const Netns& host) {
  return host.run([] {
    auto routes = must(linux_net::RouteSocket::open());
    return must(routes.link_named("eth0")).mac;
  });
}

}  // namespace lvs::test
