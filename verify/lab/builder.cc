#include "verify/lab/builder.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <utility>

#include "net/linux/rtnetlink.h"
#include "net/linux/sysctl.h"
#include "verify/lab/isolation.h"
#include "verify/lab/lab_sysctls.h"

namespace lvs::verify {
namespace {

using linux_net::RouteSocket;

/// A key that this kernel does not have (IPv6 compiled out, an older kernel) cannot disturb either.
Result<void> write_all(const std::vector<SysctlSetting>& settings) {
  for (const SysctlSetting& setting : settings) {
    auto written = linux_net::write_sysctl(setting.key, setting.value);
    if (!written && written.error().sys_errno != ENOENT) return written;
  }
  return {};
}

Result<void> bring_up(RouteSocket& socket, const std::string& name) {
  LVS_TRY(const linux_net::Link link, socket.link_named(name));
  return socket.set_up(link.index);
}

/// The fabric only switches frames: an address of its own there would be one more host.
Result<void> quiet_fabric() {
  for (const char* interface : {"all", "default"}) {
    auto written =
        linux_net::write_sysctl(std::string{"net/ipv6/conf/"} + interface + "/disable_ipv6", "1");
    if (!written && written.error().sys_errno != ENOENT) return written;
  }
  return {};
}

Result<void> add_bridges(RouteSocket& fabric, const Topology& topology) {
  for (const Lan& lan : topology.lans) {
    LVS_CHECK(fabric.add_bridge(lan.bridge));
    LVS_CHECK(bring_up(fabric, lan.bridge));
  }
  return {};
}

Result<void> plug_in(RouteSocket& fabric, const LabNic& nic, const Lan& lan) {
  LVS_TRY(const linux_net::Link port, fabric.link_named(nic.port));
  LVS_TRY(const linux_net::Link bridge, fabric.link_named(lan.bridge));
  LVS_CHECK(fabric.set_master(port.index, bridge.index));
  return fabric.set_up(port.index);
}

Result<void> add_addresses(RouteSocket& socket, const LabNic& nic, LinkIndex link) {
  for (const Prefix& address : nic.addresses) {
    const bool v4 = address.addr.is_v4();
    LVS_CHECK(socket.add_address({.link = link,
                                  .addr = address.addr,
                                  .prefix_len = address.length,
                                  .scope = RT_SCOPE_UNIVERSE,
                                  .label = {},
                                  .flags = v4 ? 0u : unsigned{IFA_F_NODAD}}));
  }
  return {};
}

/// What both ends of a host's cables need: the fabric's socket and descriptor.
struct Fabric {
  RouteSocket socket;
  int netns_fd = -1;
};

Result<void> add_nic(RouteSocket& socket, Fabric& fabric, const Lan& lan, const LabHost& host,
                     const LabNic& nic) {
  LVS_CHECK(socket.add_veth(nic.name, nic.port, fabric.netns_fd));
  LVS_TRY(const linux_net::Link link, socket.link_named(nic.name));
  LVS_CHECK(socket.set_mac(link.index, nic.mac));
  LVS_CHECK(write_all(interface_sysctls(host, nic.name)));
  LVS_CHECK(plug_in(fabric.socket, nic, lan));
  LVS_CHECK(socket.set_up(link.index));
  return add_addresses(socket, nic, link.index);
}

Result<void> add_routes(RouteSocket& socket, const LabHost& host) {
  for (const LabRoute& said : host.routes) {
    LVS_CHECK(socket.add_route({.destination = said.destination,
                                .gateway = said.gateway,
                                .preferred_source = {},
                                .protocol = RTPROT_STATIC}));
  }
  return {};
}

Result<BuiltHost> build_host(Fabric& fabric, const Topology& topology, const LabHost& host) {
  BuiltHost built{.name = host.name, .netns = {}};
  LVS_TRY(built.netns, new_net_namespace());
  LVS_TRY(built.id, linux_net::current_namespace_id());
  LVS_TRY(RouteSocket socket, RouteSocket::open());
  LVS_CHECK(write_all(host_sysctls(host)));
  LVS_CHECK(bring_up(socket, "lo"));
  for (const LabNic& nic : host.nics)
    LVS_CHECK(add_nic(socket, fabric, topology.lans[nic.lan], host, nic));
  LVS_CHECK(add_routes(socket, host));
  return built;
}

}  // namespace

Result<std::vector<BuiltHost>> build_network(const Topology& topology) {
  std::vector<BuiltHost> built;
  BuiltHost fabric{.name = {}, .netns = {}};
  LVS_TRY(fabric.netns, new_net_namespace());
  LVS_TRY(fabric.id, linux_net::current_namespace_id());
  LVS_TRY(RouteSocket socket, RouteSocket::open());
  LVS_CHECK(quiet_fabric());
  LVS_CHECK(add_bridges(socket, topology));
  Fabric ends{.socket = std::move(socket), .netns_fd = fabric.netns.get()};
  built.push_back(std::move(fabric));
  for (const LabHost& host : topology.hosts) {
    auto one = build_host(ends, topology, host);
    if (!one) return fail_within("host " + host.name, std::move(one).error());
    built.push_back(*std::move(one));
  }
  return built;
}

}  // namespace lvs::verify
