#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

#include "net/linux/fd.h"
#include "net/linux/namespace.h"
#include "net/linux/rtnetlink.h"
#include "net/wire/addr_text.h"
#include "profiles/core/objects/decap.h"
#include "profiles/core/snapshot.h"
#include "tests/lab/linux_support.h"
#include "tests/lab/tunnel_sender.h"

// A real server whose kernel has no tunnel devices: this namespace. Its director and client: the
// other one, whose kernel speaks TCP and UDP to the VIPs through a tunnel that the test makes.

namespace lvs::profiles {

using linux_net::Inside;
using linux_net::NetNamespace;
using linux_net::UniqueFd;
using test::TunnelSender;
using test::Wrapping;

inline constexpr Port kGuePort{6080};
inline constexpr Port kService{8080};
inline const IpAddr kVip4 = *parse_ip("198.51.100.9"), kVip6 = *parse_ip("2001:db8::9");
inline const IpAddr kOther4 = *parse_ip("198.51.100.77"), kOther6 = *parse_ip("2001:db8::77");
inline const IpAddr kRip4 = *parse_ip("10.0.0.2"), kRip6 = *parse_ip("fd00::2");
inline const IpAddr kDip4 = *parse_ip("10.0.0.1"), kDip6 = *parse_ip("fd00::1");

/// One line of shell in the calling thread's network namespace; what it printed.
std::string shell(const std::string& line);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};
SocketAddress socket_address(const IpAddr& addr, Port port);
/// A socket whose operations give up after ten seconds.
UniqueFd open_socket(const IpAddr& addr, int kind);
bool bind_to(const UniqueFd& fd, const IpAddr& addr);
bool connect_to(const UniqueFd& fd, const IpAddr& addr);
std::string pattern(std::size_t size, unsigned seed);
bool send_all(int fd, std::string_view text);
std::string receive_all(int fd);
/// What the client's kernel got back from `vip` after it had sent `size` bytes, both whole.
testing::AssertionResult talk_tcp(const NetNamespace& client, const IpAddr& vip, std::size_t size);
UniqueFd udp_listener(const IpAddr& addr);
void send_udp(const NetNamespace& client, const IpAddr& to, std::string_view text);
std::string receive_udp(const UniqueFd& fd, int flags = 0);

enum class Way : std::uint8_t { Bpf, Process };

class DecapLab : public linux_net::OwnNamespace {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// The client's side, whose packets to the VIPs' networks leave wrapped.
  void direct(const Wrapping& for_v4, const Wrapping& for_v6, bool offload);

  static DecapRules rules();
  void make(Way way);
  Snapshot look();

  std::optional<NetNamespace> client_;
  std::optional<TunnelSender> sender_;
  std::optional<linux_net::RouteSocket> routes_;
  std::optional<DecapProcess> started_;
};

struct DecapCase {
  Way way = Way::Bpf;
  TunnelType type = TunnelType::Ipip;
  Family outer = Family::Ipv4;
  bool options = false;
};

Wrapping wrapping(const DecapCase& c, Family inner);
std::string name_of(const testing::TestParamInfo<DecapCase>& info);

}  // namespace lvs::profiles
