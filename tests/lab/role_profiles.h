#pragma once

#include <string>

// The smallest cluster of each method, with every role that it has.

namespace lvs::test {

inline constexpr const char* kDr = R"(
name = "role-dr"
[[service]]
vip = ["192.168.1.99", "2001:db8:1::99"]
port = 80
method = "dr"
scheduler = "rr"
servers = ["rs1"]
[host.lb1]
role = "director"
interface = "eth0"
address = ["192.168.1.90/24", "2001:db8:1::90/64"]
[host.rs1]
role = "realserver"
interface = "eth0"
address = ["192.168.1.91/24", "2001:db8:1::91/64"]
[host.c1]
role = "client"
interface = "eth0"
address = ["192.168.1.1/24", "2001:db8:1::1/64"]
arp = "static"
)";

inline constexpr const char* kRouted = R"(
name = "role-routed"
[[service]]
vip = "192.168.51.11"
port = 80
method = "dr"
scheduler = "rr"
servers = ["rs1"]
[host.gw]
role = "router"
arp = "static"
nics = [{ name = "eth0", address = "192.168.51.10/24", outside = true },
        { name = "eth1", address = "192.168.118.1/24" }]
[host.lb1]
role = "director"
interface = "eth0"
address = "192.168.118.10/24"
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.118.11/24"
gateway = "192.168.118.1"
)";

inline constexpr const char* kNat = R"(
name = "role-nat"
[[service]]
vip = "192.168.1.91"
port = 80
method = "nat"
scheduler = "rr"
servers = ["rs1"]
[host.lb1]
role = "director"
nics = [{ name = "eth0", address = "192.168.1.91/24", outside = true },
        { name = "eth1", address = "192.168.3.1/24" }]
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.3.2/24"
)";

inline constexpr const char* kNat6 = R"(
name = "role-nat6"
[[service]]
vip = "2001:db8:1::91"
port = 80
method = "nat"
scheduler = "rr"
servers = ["rs1"]
[host.lb1]
role = "director"
nics = [{ name = "eth0", address = "2001:db8:1::91/64", outside = true },
        { name = "eth1", address = "2001:db8:3::1/64" }]
[host.rs1]
role = "realserver"
interface = "eth0"
address = "2001:db8:3::2/64"
)";

inline constexpr const char* kTun = R"(
name = "role-tun"
[[service]]
vip = ["192.168.1.99", "2001:db8:1::99"]
port = 80
method = "tun"
scheduler = "rr"
servers = ["rs1"]
[host.lb1]
role = "director"
interface = "eth0"
address = ["192.168.1.90/24", "2001:db8:1::90/64"]
[host.rs1]
role = "realserver"
interface = "eth0"
address = ["192.168.1.91/24", "2001:db8:1::91/64"]
)";
inline const std::string kTunByProcess = std::string(kTun) + "decap = \"process\"\n";

}  // namespace lvs::test
