#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/wire/addr.h"

// The model: what the cluster should be, as one profile file says it (the keys and their defaults
// are docs/profile.md). Everything here is a plain value with defaults filled in and cross-checks
// done: whoever holds a Profile may rely on it. Things that the file may leave out and that are
// derived from the rest are resolved by the functions of profiles/core/derive.h.

namespace lvs::profiles {

using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;

/// Where in the file a thing was said: both count from 1; 0 when it was not said.
struct Where {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(Where, Where) = default;
};

/// How packets reach a real server (ipvsadm: -m, -g, -i). That a server is the director itself
/// (`local`) is derived from the hosts, not said in a profile.
enum class Method : std::uint8_t { Nat, Dr, Tun };

/// A range of ports of one service entry; first == last for one port, 0-0 for every port.
struct PortRange {
  Port first{};
  Port last{};
  friend bool operator==(PortRange, PortRange) = default;
};

struct ServerEntry {
  std::string host;               ///< name of a host of this file; empty for a bare address
  std::optional<IpAddr> address;  ///< a server that we do not set up
  std::optional<Port> port;       ///< default: the service's
  std::uint32_t weight = 1;       ///< 0: quiesced
  std::uint32_t upper = 0;        ///< connection thresholds, 0: none
  std::uint32_t lower = 0;
  std::optional<Method> method;  ///< default: the service's
  Where where{};
};

struct Persistence {
  Seconds timeout{360};
  std::optional<std::uint8_t> mask;  ///< prefix length; default 32 or 128
};

struct ServiceTimeouts {
  Seconds tcp{900};
  Seconds tcp_fin{120};
  Seconds udp{300};
};

enum class TunnelType : std::uint8_t { Ipip, Gue, Gre };
struct Tunnel {
  TunnelType type = TunnelType::Ipip;
  std::optional<Port> port;  ///< GUE
  bool checksum = false;
};

enum class OnFailure : std::uint8_t { Quiesce, Remove };

enum class CheckType : std::uint8_t { Tcp, Http, Https, Smtp, Dns, Udp, Ping, Script, File };
struct Check {
  std::string name;  ///< empty for a check written inside a service
  CheckType type = CheckType::Tcp;
  Milliseconds interval{5000};
  Milliseconds timeout{2000};
  std::uint32_t rise = 2;
  std::uint32_t fall = 3;
  bool through_vip = false;
  /// The keys that belong to one type (path, status, contains, host, verify_tls, command …), as
  /// text.
  std::map<std::string, std::string> options;
  Where where{};
};

/// One `[[service]]` entry. It stands for vips × protocols × ports services of IPVS's kind;
/// expand() (profiles/core/derive.h) lists those.
struct ServiceEntry {
  std::string name;          ///< empty: PROTO-VIP-PORT, made by expand()
  std::vector<IpAddr> vips;  ///< with `mark` those of its [[mark]] entries, if they say any
  std::vector<PortRange> ports;
  std::vector<Protocol> protocols;  ///< Tcp, Udp, Sctp
  std::optional<std::uint32_t> mark;
  Family mark_family = Family::Ipv4;
  Method method = Method::Dr;
  std::string scheduler = "wlc";
  std::vector<std::string> scheduler_flags;
  std::vector<ServerEntry> servers;  ///< in the order of adding
  std::optional<Persistence> persistence;
  bool one_packet = false;
  ServiceTimeouts timeouts;
  bool expire_nodest_conn = true;
  bool expire_quiescent_template = true;
  Tunnel tunnel;
  std::optional<ServerEntry> sorry_server;
  std::uint32_t quorum = 1;
  std::uint32_t hysteresis = 0;
  OnFailure on_failure = OnFailure::Quiesce;
  std::optional<Check> check;  ///< resolved from its name
  Where where{};
};

/// One `[[mark]]` entry: which packets carry a mark. Empty means any.
struct MarkEntry {
  std::uint32_t value = 0;
  std::optional<IpAddr> vip;
  std::optional<Protocol> protocol;
  std::vector<PortRange> ports;
  std::optional<Prefix> source;
  std::string interface;
  Where where{};
};

enum class Role : std::uint8_t { Director, RealServer, Router, Client };

struct Nic {
  std::string name;
  std::vector<Prefix> addresses;  ///< with the host bits: "192.168.1.91/24"
  bool outside = false;           ///< faces the clients
  std::vector<IpAddr> vips;       ///< the VIPs that go here, when said
  Where where{};
};

enum class ArpStyle : std::uint8_t { Sysctl, Nft, Static };
enum class VipScope : std::uint8_t { Host, Global };
enum class Decap : std::uint8_t { Auto, Ipip, Tunl0, Bpf, Process };

struct HostProbe {
  enum class Kind : std::uint8_t { Tcp, Arp, Ping };
  Kind kind = Kind::Ping;
  std::string target;  ///< as written, for messages
  IpAddr address{};
  std::optional<Port> port;  ///< tcp
};

struct HostVrrp {
  std::uint8_t priority = 100;
};

struct Host {
  std::string name;
  std::vector<Role> roles;
  std::vector<Nic> nics;
  std::vector<IpAddr> gateways;
  std::optional<ArpStyle> arp;    ///< default sysctl
  std::optional<VipScope> scope;  ///< default host on a real server, global on a director
  Decap decap = Decap::Auto;
  /// Overrides of sysctls: key with slashes ("net/ipv4/conf/all/arp_ignore") to value.
  std::map<std::string, std::string> sysctl;
  std::vector<HostProbe> probes;
  std::vector<MacAddr> allowed_macs;
  std::optional<bool> masquerade;  ///< default true for nat
  std::vector<Prefix> masquerade_networks;
  std::optional<HostVrrp> vrrp;
  Where where{};

  bool has(Role role) const;
  /// True when one of the NICs has exactly this address.
  bool owns(const IpAddr& address) const;
};

struct Vrrp {
  std::uint8_t id = 0;
  std::uint8_t version = 3;
  Milliseconds interval{1000};
  std::uint8_t priority = 100;
  bool preempt = true;
  Milliseconds preempt_delay{0};
  std::vector<IpAddr> vips;   ///< empty: all
  std::vector<IpAddr> peers;  ///< empty: multicast
  std::string auth_file;
  std::vector<std::string> track;
};

enum class CarrierKind : std::uint8_t { Packet, Xdp };
struct OnRemove {
  bool drain = true;
  Seconds deadline{60};
};
struct Engine {
  CarrierKind carrier = CarrierKind::Packet;
  std::uint32_t connections = 1048576;
  std::vector<std::string> nics;  ///< empty: those with VIPs and toward servers
  std::uint32_t workers = 1;
  std::chrono::microseconds spin{50};
  std::optional<std::uint32_t> new_flows_per_second;  ///< default connections / 2
  std::uint32_t answers_per_second = 1000;
  OnRemove on_remove;
};

struct Control {
  std::string group = "lvskit";
  std::vector<std::string> writers{"root"};
};
struct Metrics {
  std::string listen;  ///< empty: off
};
struct LabSettings {
  std::vector<Prefix> clients;  ///< empty: the first free address of the clients' network
  std::string routes_via;       ///< a host; empty: the file's router, if any
};

/// A key that this version reads and checks but does not act on yet; `plan` says so.
struct NotYet {
  std::string key;  ///< as a person would look for it: "service.persistence"
  Where where{};
};
/// "`service.check` (line 9) is checked, but this version does not act on it"
std::string describe(const NotYet& later);

struct Profile {
  std::string file;  ///< as given on the command line; for messages
  std::string name;
  std::vector<ServiceEntry> services;
  std::vector<MarkEntry> marks;
  std::vector<Host> hosts;  ///< in the order of the file
  std::optional<Vrrp> vrrp;
  Engine engine;
  Control control;
  Metrics metrics;
  LabSettings lab;
  std::vector<NotYet> not_yet;  ///< in the order of the file

  /// The host of this name, or null.
  const Host* host(std::string_view wanted) const;
};

inline constexpr std::size_t kMaxProfileName = 20;
/// True for what a profile may be called: [a-z0-9-]{1,20}.
bool is_profile_name(std::string_view text);

}  // namespace lvs::profiles
