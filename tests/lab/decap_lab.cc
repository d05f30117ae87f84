#include "tests/lab/decap_lab.h"

#include <arpa/inet.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <future>

#include "net/linux/bpf_filter.h"
#include "net/linux/process.h"
#include "profiles/io/objects/objects.h"

namespace lvs::profiles {

std::string shell(const std::string& line) {
  linux_net::Program program;
  program.path = "/bin/sh";
  program.args = {"-c", line};
  const auto finished = linux_net::run_program(program, std::chrono::seconds(20));
  if (!finished) return "!" + finished.error().what;
  if (finished->exit_code != 0) return "!" + finished->err + finished->out;
  return finished->out;
}

SocketAddress socket_address(const IpAddr& addr, Port port) {
  SocketAddress made;
  if (addr.is_v4()) {
    sockaddr_in in{AF_INET, htons(port.number), {htonl(addr.v4().number())}, {}};
    std::memcpy(&made.storage, &in, made.size = sizeof in);
  } else {
    sockaddr_in6 in6{};
    in6.sin6_family = AF_INET6;
    in6.sin6_port = htons(port.number);
    std::memcpy(&in6.sin6_addr, addr.v6().octets().data(), 16);
    std::memcpy(&made.storage, &in6, made.size = sizeof in6);
  }
  return made;
}

UniqueFd open_socket(const IpAddr& addr, int kind) {
  UniqueFd fd(::socket(addr.is_v4() ? AF_INET : AF_INET6, kind | SOCK_CLOEXEC, 0));
  const timeval limit{10, 0};
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return fd;
}

bool bind_to(const UniqueFd& fd, const IpAddr& addr) {
  const SocketAddress at = socket_address(addr, kService);
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&at.storage), at.size) == 0;
}

bool connect_to(const UniqueFd& fd, const IpAddr& addr) {
  const SocketAddress to = socket_address(addr, kService);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.size) == 0;
}

std::string pattern(std::size_t size, unsigned seed) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>((seed = seed * 1103515245 + 12345) >> 16);
  return text;
}

bool send_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return ::shutdown(fd, SHUT_WR) == 0;
}

std::string receive_all(int fd) {
  std::string text;
  std::vector<char> part(65536);
  for (ssize_t got = 0; (got = ::recv(fd, part.data(), part.size(), 0)) > 0;)
    text.append(part.data(), static_cast<std::size_t>(got));
  return text;
}

testing::AssertionResult talk_tcp(const NetNamespace& client, const IpAddr& vip, std::size_t size) {
  const UniqueFd listener = open_socket(vip, SOCK_STREAM);
  if (!bind_to(listener, vip) || ::listen(listener.get(), 1) != 0)
    return testing::AssertionFailure() << "listen: " << strerror(errno);
  auto served = std::async(std::launch::async, [&] {
    const UniqueFd connection(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const std::string got = receive_all(connection.get());
    return send_all(connection.get(), pattern(size, 2)) ? got : "";
  });
  std::string answer;
  {
    const Inside inside(client);
    const UniqueFd fd = open_socket(vip, SOCK_STREAM);
    if (!connect_to(fd, vip)) return testing::AssertionFailure() << "connect: " << strerror(errno);
    if (!send_all(fd.get(), pattern(size, 1)))
      return testing::AssertionFailure() << "send: " << strerror(errno);
    answer = receive_all(fd.get());
  }
  const std::string question = served.get();
  if (question != pattern(size, 1))
    return testing::AssertionFailure() << "the server got " << question.size() << " bytes";
  if (answer != pattern(size, 2))
    return testing::AssertionFailure() << "the client got " << answer.size() << " bytes";
  return testing::AssertionSuccess();
}

UniqueFd udp_listener(const IpAddr& addr) {
  UniqueFd fd = open_socket(addr, SOCK_DGRAM);
  return bind_to(fd, addr) ? std::move(fd) : UniqueFd();
}

void send_udp(const NetNamespace& client, const IpAddr& to, std::string_view text) {
  const Inside inside(client);
  const UniqueFd fd = open_socket(to, SOCK_DGRAM);
  EXPECT_TRUE(connect_to(fd, to));
  EXPECT_EQ(::send(fd.get(), text.data(), text.size(), 0), std::ssize(text));
}

std::string receive_udp(const UniqueFd& fd, int flags) {
  std::array<char, 2048> text{};
  const ssize_t got = ::recv(fd.get(), text.data(), text.size(), flags);
  return got < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(got));
}

Wrapping wrapping(const DecapCase& c, Family inner) {
  const IpAddr from = c.outer == Family::Ipv4 ? kDip4 : kDip6;
  const IpAddr to = c.outer == Family::Ipv4 ? kRip4 : kRip6;
  if (c.type == TunnelType::Gre) return test::gre(from, to, inner, c.options);
  if (c.type == TunnelType::Gue) return test::gue(from, to, kGuePort, inner, c.options);
  return test::ipip(from, to, inner);
}

std::string name_of(const testing::TestParamInfo<DecapCase>& info) {
  const DecapCase& c = info.param;
  std::string name = c.way == Way::Bpf ? "Bpf" : "Process";
  name += c.type == TunnelType::Ipip ? "Ipip" : c.type == TunnelType::Gre ? "Gre" : "Gue";
  if (c.type == TunnelType::Gue) name += c.options ? "Variant0" : "Variant1";
  if (c.type == TunnelType::Gre) name += c.options ? "WithOptions" : "";
  return name + (c.outer == Family::Ipv4 ? "OverIpv4" : "OverIpv6");
}

void DecapLab::SetUp() {
  OwnNamespace::SetUp();
  if (IsSkipped()) return;
  client_.emplace(another_namespace());
  connect("eth0", *client_, "wire0");
  ASSERT_EQ(shell("echo 0 > /proc/sys/net/ipv6/conf/eth0/disable_ipv6;"
                  "for i in all default lo eth0; do echo 0 > "
                  "/proc/sys/net/ipv4/conf/$i/rp_filter; done;"
                  "ip addr add 10.0.0.2/24 dev eth0 && ip addr add fd00::2/64 dev eth0 nodad && "
                  "for a in 198.51.100.9/32 198.51.100.77/32 2001:db8::9/128 2001:db8::77/128; "
                  "do ip addr add $a dev lo; done; "
                  "ip route add default via 10.0.0.1 && ip route add default via fd00::1"),
            "");
}

void DecapLab::TearDown() {
  sender_.reset();
  if (started_) {
    EXPECT_TRUE(remove_object(*routes_, *started_));
  }
  OwnNamespace::TearDown();
}

void DecapLab::direct(const Wrapping& for_v4, const Wrapping& for_v6, bool offload) {
  if (::access("/dev/net/tun", R_OK | W_OK) != 0)
    GTEST_SKIP() << "needs /dev/net/tun for the director of the test";
  const MacAddr server = link("eth0").mac;
  const Inside inside(*client_);
  sender_.emplace("tun0", offload);
  ASSERT_TRUE(sender_->ready()) << strerror(errno);
  ASSERT_EQ(shell("echo 0 > /proc/sys/net/ipv6/conf/wire0/disable_ipv6;"
                  "for i in all default wire0 tun0; do echo 0 > "
                  "/proc/sys/net/ipv4/conf/$i/rp_filter; done;"
                  "ip addr add 10.0.0.1/24 dev wire0; ip addr add fd00::1/64 dev wire0 nodad; "
                  "ip addr add 203.0.113.5/32 dev lo; ip addr add 2001:db8:1::5/128 dev lo nodad; "
                  "ip link set tun0 mtu 1400 gso_max_size 60000 up && "
                  "ip route replace 198.51.100.0/24 dev tun0 src 203.0.113.5 && "
                  "ip route replace 2001:db8::/64 dev tun0 src 2001:db8:1::5"),
            "");
  ASSERT_TRUE(sender_->start(link("wire0"), server, for_v4, for_v6));
}

DecapRules DecapLab::rules() {
  return {{{kRip4, TunnelType::Ipip, {}},
           {kRip4, TunnelType::Gue, kGuePort},
           {kRip4, TunnelType::Gre, {}},
           {kRip6, TunnelType::Ipip, {}},
           {kRip6, TunnelType::Gue, kGuePort},
           {kRip6, TunnelType::Gre, {}}},
          {kVip4, kVip6}};
}

void DecapLab::make(Way way) {
  routes_.emplace(open_routes());
  if (way == Way::Process) {
    const auto made = add_object(*routes_, DecapProcess{"web", rules()});
    ASSERT_TRUE(made) << made.error().what;
    started_ = DecapProcess{"web", rules()};
    return;
  }
  if (const auto can = linux_net::try_loading_program(); !can)
    GTEST_SKIP() << "needs the right to load BPF programs: " << can.error().what;
  ASSERT_TRUE(add_object(*routes_, ClsactFact{"eth0"}));
  const auto made = add_object(*routes_, DecapFilter{"eth0", "web", rules()});
  ASSERT_TRUE(made) << made.error().what;
}

Snapshot DecapLab::look() {
  Snapshot snapshot;
  const auto read = read_decap(*routes_, snapshot);
  EXPECT_TRUE(read) << read.error().what;
  return snapshot;
}

}  // namespace lvs::profiles
