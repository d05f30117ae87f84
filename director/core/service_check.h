#pragma once

#include <span>
#include <string>

#include "director/core/config.h"
#include "director/core/scheduler/table.h"
#include "net/base/result.h"

namespace lvs::director {

// What a service or a server must be (facts of IPVS, 2.1), and how messages name them.

/// "tcp 10.0.0.1:80", "tcp [2001:db8::1]:80", "mark 5", "mark 5 (ipv6)".
std::string text_of(const ServiceKey& key);
/// "192.168.10.11:80", "[2001:db8::11]:80".
std::string text_of(const IpAddr& address, Port port);

Result<void> check_service(const ServiceConfig& config, std::span<const SchedulerName> schedulers);

/// `config` has its port already.
Result<void> check_server(const ServiceKey& service, const ServerConfig& config);

/// With the port that its method leaves it: Route and Tunnel cannot map ports (facts of IPVS,
/// 2.13).
ServerConfig with_forced_port(const ServiceKey& service, ServerConfig config);

}  // namespace lvs::director
