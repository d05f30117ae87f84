#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <future>
#include <optional>
#include <string>

#include "net/linux/bpf_filter.h"
#include "net/linux/process.h"
#include "net/linux/process_find.h"
#include "net/linux/sysctl.h"
#include "net/wire/addr_text.h"
#include "net/wire/ipv4.h"
#include "profiles/io/objects/objects.h"
#include "tests/lab/linux_support.h"
#include "tests/lab/tunnel_sender.h"

// A real server whose kernel has no tunnel devices: this namespace. Its director and client: the
// other one, whose kernel speaks TCP and UDP to the VIPs through a tunnel that the test makes.

namespace lvs::profiles {
namespace {

using linux_net::Inside;
using linux_net::NetNamespace;
using linux_net::UniqueFd;
using test::TunnelSender;
using test::Wrapping;

constexpr Port kGuePort{6080};
constexpr Port kService{8080};
const IpAddr kVip4 = *parse_ip("198.51.100.9"), kVip6 = *parse_ip("2001:db8::9");
const IpAddr kOther4 = *parse_ip("198.51.100.77"), kOther6 = *parse_ip("2001:db8::77");
const IpAddr kRip4 = *parse_ip("10.0.0.2"), kRip6 = *parse_ip("fd00::2");
const IpAddr kDip4 = *parse_ip("10.0.0.1"), kDip6 = *parse_ip("fd00::1");

/// One line of shell in the calling thread's network namespace; what it printed.
std::string shell(const std::string& line) {
  linux_net::Program program;
  program.path = "/bin/sh";
  program.args = {"-c", line};
  const auto finished = linux_net::run_program(program, std::chrono::seconds(20));
  if (!finished) return "!" + finished.error().what;
  if (finished->exit_code != 0) return "!" + finished->err + finished->out;
  return finished->out;
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};
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

/// A socket whose operations give up after ten seconds.
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

/// What the client's kernel got back from `vip` after it had sent `size` bytes, both whole.
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
std::string receive_udp(const UniqueFd& fd, int flags = 0) {
  std::array<char, 2048> text{};
  const ssize_t got = ::recv(fd.get(), text.data(), text.size(), flags);
  return got < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(got));
}

enum class Way : std::uint8_t { Bpf, Process };

class DecapLab : public linux_net::OwnNamespace {
 protected:
  void SetUp() override {
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
  void TearDown() override {
    sender_.reset();
    if (started_) {
      EXPECT_TRUE(remove_object(*routes_, *started_));
    }
    OwnNamespace::TearDown();
  }

  /// The client's side, whose packets to the VIPs' networks leave wrapped.
  void direct(const Wrapping& for_v4, const Wrapping& for_v6, bool offload) {
    if (::access("/dev/net/tun", R_OK | W_OK) != 0)
      GTEST_SKIP() << "needs /dev/net/tun for the director of the test";
    const MacAddr server = link("eth0").mac;
    const Inside inside(*client_);
    sender_.emplace("tun0", offload);
    ASSERT_TRUE(sender_->ready()) << strerror(errno);
    ASSERT_EQ(
        shell("echo 0 > /proc/sys/net/ipv6/conf/wire0/disable_ipv6;"
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

  static DecapRules rules() {
    return {{{kRip4, TunnelType::Ipip, {}},
             {kRip4, TunnelType::Gue, kGuePort},
             {kRip4, TunnelType::Gre, {}},
             {kRip6, TunnelType::Ipip, {}},
             {kRip6, TunnelType::Gue, kGuePort},
             {kRip6, TunnelType::Gre, {}}},
            {kVip4, kVip6}};
  }
  void make(Way way) {
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
  Snapshot look() {
    Snapshot snapshot;
    const auto read = read_decap(*routes_, snapshot);
    EXPECT_TRUE(read) << read.error().what;
    return snapshot;
  }

  std::optional<NetNamespace> client_;
  std::optional<TunnelSender> sender_;
  std::optional<linux_net::RouteSocket> routes_;
  std::optional<DecapProcess> started_;
};

struct Case {
  Way way = Way::Bpf;
  TunnelType type = TunnelType::Ipip;
  Family outer = Family::Ipv4;
  bool options = false;
};

Wrapping wrapping(const Case& c, Family inner) {
  const IpAddr from = c.outer == Family::Ipv4 ? kDip4 : kDip6;
  const IpAddr to = c.outer == Family::Ipv4 ? kRip4 : kRip6;
  if (c.type == TunnelType::Gre) return test::gre(from, to, inner, c.options);
  if (c.type == TunnelType::Gue) return test::gue(from, to, kGuePort, inner, c.options);
  return test::ipip(from, to, inner);
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  const Case& c = info.param;
  std::string name = c.way == Way::Bpf ? "Bpf" : "Process";
  name += c.type == TunnelType::Ipip ? "Ipip" : c.type == TunnelType::Gre ? "Gre" : "Gue";
  name += c.options ? "WithOptions" : "";
  return name + (c.outer == Family::Ipv4 ? "OverIpv4" : "OverIpv6");
}

class EachTunnel : public DecapLab, public testing::WithParamInterface<Case> {};

TEST_P(EachTunnel, CarriesBothFamiliesToTheVipsAndNowhereElse) {
  make(GetParam().way);
  if (IsSkipped() || HasFatalFailure()) return;
  direct(wrapping(GetParam(), Family::Ipv4), wrapping(GetParam(), Family::Ipv6), false);
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_TRUE(talk_tcp(*client_, kVip4, 100000));
  EXPECT_TRUE(talk_tcp(*client_, kVip6, 100000));
  for (const auto& [vip, other] : {std::pair{kVip4, kOther4}, std::pair{kVip6, kOther6}}) {
    const UniqueFd at_vip = udp_listener(vip);
    const UniqueFd at_other = udp_listener(other);
    send_udp(*client_, other, "not for a VIP");
    send_udp(*client_, vip, "hello");
    EXPECT_EQ(receive_udp(at_vip), "hello");
    EXPECT_EQ(receive_udp(at_other, MSG_DONTWAIT), "nothing");
  }
}

TEST_P(EachTunnel, FinishesWhatTheSenderLeftUnfinished) {
  make(GetParam().way);
  if (IsSkipped() || HasFatalFailure()) return;
  direct(wrapping(GetParam(), Family::Ipv4), wrapping(GetParam(), Family::Ipv6), true);
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_TRUE(talk_tcp(*client_, kVip4, 1000000));
  EXPECT_TRUE(talk_tcp(*client_, kVip6, 1000000));
  EXPECT_GT(sender_->unfinished(), 100U) << "every checksum was finished";
}

INSTANTIATE_TEST_SUITE_P(All, EachTunnel,
                         testing::Values(Case{Way::Bpf, TunnelType::Ipip, Family::Ipv4, false},
                                         Case{Way::Bpf, TunnelType::Ipip, Family::Ipv6, false},
                                         Case{Way::Bpf, TunnelType::Gre, Family::Ipv4, true},
                                         Case{Way::Bpf, TunnelType::Gre, Family::Ipv6, false},
                                         Case{Way::Bpf, TunnelType::Gue, Family::Ipv4, true},
                                         Case{Way::Process, TunnelType::Ipip, Family::Ipv4, false},
                                         Case{Way::Process, TunnelType::Ipip, Family::Ipv6, false},
                                         Case{Way::Process, TunnelType::Gre, Family::Ipv4, true},
                                         Case{Way::Process, TunnelType::Gre, Family::Ipv6, false},
                                         Case{Way::Process, TunnelType::Gue, Family::Ipv4, true}),
                         name_of);

class EachFilter : public DecapLab, public testing::WithParamInterface<int> {};

TEST_P(EachFilter, ABpfProgramNeedsNothingOfRpFilter) {
  make(Way::Bpf);
  if (IsSkipped() || HasFatalFailure()) return;
  direct(test::ipip(kDip4, kRip4, Family::Ipv4), {}, false);
  if (IsSkipped() || HasFatalFailure()) return;
  const std::string value = std::to_string(GetParam());
  for (const char* place : {"all", "lo", "eth0"})
    ASSERT_TRUE(
        linux_net::write_sysctl("net/ipv4/conf/" + std::string(place) + "/rp_filter", value));
  EXPECT_TRUE(talk_tcp(*client_, kVip4, 1000));
}

TEST_P(EachFilter, AProcessNeedsItOffOnLoAlone) {
  make(Way::Process);
  if (IsSkipped() || HasFatalFailure()) return;
  direct(test::ipip(kDip4, kRip4, Family::Ipv4), {}, false);
  if (IsSkipped() || HasFatalFailure()) return;
  ASSERT_TRUE(linux_net::write_sysctl("net/ipv4/conf/eth0/rp_filter", std::to_string(GetParam())));
  EXPECT_TRUE(talk_tcp(*client_, kVip4, 1000));
}

INSTANTIATE_TEST_SUITE_P(All, EachFilter, testing::Values(0, 1, 2));

std::string tc_dump() {
  return shell(
      "for i in eth0 lo; do tc qdisc show dev $i; tc filter show dev $i ingress; "
      "tc filter show dev $i egress; done 2>/dev/null");
}

TEST_F(DecapLab, AProgramIsFoundAgainWithItsRulesAndLeavesNoTrace) {
  const std::string before = tc_dump();
  make(Way::Bpf);
  if (IsSkipped() || HasFatalFailure()) return;
  const Snapshot found = look();
  EXPECT_EQ(found.clsacts, std::vector<ClsactFact>{{"eth0"}});
  ASSERT_EQ(found.decap_filters, (std::vector<DecapFilter>{{"eth0", "web", rules()}}));

  DecapFilter fewer = found.decap_filters[0];
  fewer.rules.vips = {kVip4};
  const auto replaced = replace_object(*routes_, found.decap_filters[0], fewer);
  ASSERT_TRUE(replaced) << replaced.error().what;
  EXPECT_EQ(look().decap_filters, std::vector<DecapFilter>{fewer});
  EXPECT_FALSE(remove_object(*routes_, found.decap_filters[0])) << "that one is not there any more";
  const auto early = remove_object(*routes_, ClsactFact{"eth0"});
  EXPECT_FALSE(early) << "ours still hangs on it";

  EXPECT_TRUE(remove_object(*routes_, fewer));
  EXPECT_TRUE(remove_object(*routes_, ClsactFact{"eth0"}));
  EXPECT_EQ(tc_dump(), before);
}

TEST_F(DecapLab, FiltersOfOthersStayAsTheyWere) {
  ASSERT_EQ(
      shell("tc qdisc add dev eth0 clsact && tc filter add dev eth0 ingress prio 19456 handle "
            "0x4c56 protocol ip bpf da bytecode '1,6 0 0 4294967295' && "
            "tc filter add dev eth0 egress prio 7 bpf da bytecode '1,6 0 0 4294967295'"),
      "");
  const std::string before = tc_dump();
  ASSERT_NE(before.find("pref 7 "), std::string::npos);
  ASSERT_NE(before.find("handle 0x4c56"), std::string::npos);
  routes_.emplace(open_routes());
  if (const auto can = linux_net::try_loading_program(); !can)
    GTEST_SKIP() << "needs the right to load BPF programs: " << can.error().what;
  EXPECT_EQ(add_object(*routes_, ClsactFact{"eth0"}).error().sys_errno, EEXIST);
  const DecapFilter web{"eth0", "web", rules()};
  const DecapFilter shop{"eth0", "shop", rules()};
  ASSERT_TRUE(add_object(*routes_, web));
  ASSERT_TRUE(add_object(*routes_, shop)) << "another profile's stands beside it";
  EXPECT_EQ(add_object(*routes_, web).error().sys_errno, EEXIST);
  EXPECT_EQ(look().decap_filters.size(), 2U);
  EXPECT_TRUE(remove_object(*routes_, shop));
  EXPECT_EQ(look().decap_filters, std::vector<DecapFilter>{web});
  EXPECT_TRUE(remove_object(*routes_, web));
  EXPECT_EQ(remove_object(*routes_, ClsactFact{"eth0"}).error().sys_errno, EBUSY);
  EXPECT_EQ(tc_dump(), before);
}

TEST_F(DecapLab, AProcessIsFoundAgainByItsCommandLineAndEndsAlone) {
  make(Way::Process);
  if (IsSkipped() || HasFatalFailure()) return;
  EXPECT_EQ(look().decap_processes, (std::vector<DecapProcess>{{"web", rules()}}));
  EXPECT_EQ(add_object(*routes_, *started_).error().sys_errno, EEXIST);
  const DecapProcess shop{"shop", {{{kRip4, TunnelType::Gre, {}}}, {kVip4}}};
  ASSERT_TRUE(add_object(*routes_, shop)) << "raw sockets are shared";
  {
    const Inside inside(*client_);
    EXPECT_TRUE(look().decap_processes.empty()) << "they are of another namespace";
  }
  EXPECT_TRUE(remove_object(*routes_, shop));
  EXPECT_EQ(look().decap_processes, (std::vector<DecapProcess>{{"web", rules()}}));
}

/// A UDP datagram without a checksum, from its IP header on.
std::vector<std::uint8_t> datagram(std::string_view text) {
  std::vector<std::uint8_t> packet(28 + text.size());
  wire::store_ipv4(
      packet,
      {.source = Ipv4Addr(10, 0, 0, 1), .destination = kVip4.v4(), .protocol = Protocol::Udp});
  const std::span<std::uint8_t> udp = std::span(packet).subspan(20);
  wire::store_be16(udp, 0, 1024);
  wire::store_be16(udp, 2, kService.number);
  wire::store_be16(udp, 4, static_cast<std::uint16_t>(udp.size()));
  std::copy(text.begin(), text.end(), udp.begin() + 8);
  return packet;
}

TEST_F(DecapLab, AnOrdinaryUsersNamespaceHasTheProcess) {
  make(Way::Process);
  if (HasFatalFailure()) return;
  const UniqueFd at_vip = udp_listener(kVip4);
  const std::vector<std::uint8_t> inner = datagram("hello");
  {
    const Inside inside(*client_);
    ASSERT_EQ(shell("ip addr add 10.0.0.1/24 dev wire0"), "");
    const UniqueFd fd(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_IPIP));
    const SocketAddress to = socket_address(kRip4, {});
    ASSERT_EQ(::sendto(fd.get(), inner.data(), inner.size(), 0,
                       reinterpret_cast<const sockaddr*>(&to.storage), to.size),
              std::ssize(inner));
  }
  EXPECT_EQ(receive_udp(at_vip), "hello");
}

TEST_F(DecapLab, AProcessThatCannotStartSaysWhy) {
  routes_.emplace(open_routes());
  const DecapProcess nowhere{"web", {{{*parse_ip("10.9.9.9"), TunnelType::Ipip, {}}}, {kVip4}}};
  const auto made = add_object(*routes_, nowhere);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().what.find("10.9.9.9: bind: Cannot assign requested address"),
            std::string::npos)
      << made.error().what;
  EXPECT_TRUE(look().decap_processes.empty());
}

}  // namespace
}  // namespace lvs::profiles
