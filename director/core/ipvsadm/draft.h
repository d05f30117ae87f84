#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "director/core/config.h"
#include "director/core/ipvsadm/endpoint.h"
#include "director/core/ipvsadm/names.h"
#include "director/core/ipvsadm/option.h"
#include "director/core/ipvsadm/refusal.h"
#include "director/core/ipvsadm/scan.h"

namespace lvs::director::ipvsadm {

/// A command line's values, each read but not yet held against the others.
struct Draft {
  Verb verb = Verb::List;
  std::string verb_value;  ///< of --start-daemon and --stop-daemon
  OptionSet given;

  Kind service_kind = Kind::Plain;  ///< Tcp, Udp, Sctp, Mark; Plain: none was given
  Endpoint service;                 ///< of all but marks
  std::uint32_t mark = 0;
  Family mark_family = Family::Ipv4;

  std::string scheduler;  ///< empty: ipvsadm's default
  std::string scheduler_flags;
  std::string persistence_engine;
  std::uint32_t persistence_s = 360;
  std::string netmask;

  Endpoint server;
  ForwardMethod method = ForwardMethod::Route;
  TunnelType tunnel = TunnelType::IpIp;
  std::uint32_t weight = 1;
  std::uint32_t upper = 0;
  std::uint32_t lower = 0;
  std::uint32_t tunnel_port = 0;

  std::uint32_t sync_id = 0;
  std::uint32_t longest_message = 0;
  std::uint32_t mcast_port = 8848;
  std::uint32_t mcast_ttl = 1;
  std::string mcast_interface = "eth0";
  std::optional<IpAddr> mcast_group;

  std::array<std::uint32_t, 3> timeouts{};  ///< of --set

  Protocol protocol() const;
  ServiceKey service_key() const;
};

/// Reads one switch's value into the draft; a value or a repetition that ipvsadm refuses is
/// refused.
Outcome<void> take_switch(Draft& draft, const Given& given, const Names& names);

}  // namespace lvs::director::ipvsadm
