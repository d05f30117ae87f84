#include "profiles/io/abilities.h"

#include <linux/netfilter.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include "net/linux/bpf_filter.h"
#include "net/linux/link_features.h"
#include "net/linux/nft_change.h"
#include "net/linux/tunnel_links.h"

namespace lvs::profiles {
namespace {

bool exists(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0;
}

/// True when a line of modules.builtin ("kernel/net/ipv4/ipip.ko") or modules.dep
/// ("kernel/net/ipv4/ipip.ko.xz: …") is the module's.
bool is_listed(const std::filesystem::path& list, const std::string& module) {
  std::ifstream file(list);
  const std::string name = "/" + module + ".ko";
  for (std::string line; std::getline(file, line);) {
    const std::string path = line.substr(0, line.find(':'));
    const std::size_t at = path.rfind(name);
    if (at == std::string::npos) continue;
    const std::string behind = path.substr(at + name.size());
    if (behind.empty() || behind == ".xz" || behind == ".gz" || behind == ".zst") return true;
  }
  return false;
}

std::filesystem::path modules_folder() {
  utsname name{};
  ::uname(&name);
  return std::filesystem::path("/lib/modules") / std::begin(name.release);
}

Ability tunnel_kind(const std::string& kind, const std::string& module,
                    const std::vector<linux_net::TunnelLink>& tunnels) {
  const auto device = std::ranges::find(tunnels, kind, &linux_net::TunnelLink::kind);
  if (device != tunnels.end()) return {true, "there is a device of kind " + kind};
  if (exists("/sys/module/" + module)) return {true, "module " + module + " is loaded"};
  const std::filesystem::path folder = modules_folder();
  if (is_listed(folder / "modules.builtin", module))
    return {true, kind + " is built into this kernel"};
  if (is_listed(folder / "modules.dep", module))
    return {true, "module " + module + " can be loaded"};
  return {false, "this kernel has no module " + module};
}

Ability bpf_ability() {
  const auto loaded = linux_net::try_loading_program();
  if (loaded) return {true, "a BPF program may be loaded here"};
  return {false, loaded.error().what};
}

/// The kernel is asked by a transaction that it judges and aborts. Only its word that it has no
/// such family counts; that we may not ask, or that there is such a table, is another matter.
bool has_inet_tables() {
  linux_net::NftChange change;
  change.add_table(NFPROTO_INET, "lvskit_ability", "");
  const auto judged = change.judge();
  return judged || judged.error().sys_errno != EOPNOTSUPP;
}

/// udev serves the links of the first network namespace only. Where pid 1 may not be looked at, we
/// are somebody who cannot change that namespace either.
bool is_watched_by_udev() {
  struct stat ours {};
  struct stat first {};
  if (!exists("/run/udev/control")) return false;
  if (::stat("/proc/thread-self/ns/net", &ours) != 0 || ::stat("/proc/1/ns/net", &first) != 0)
    return false;
  return ours.st_dev == first.st_dev && ours.st_ino == first.st_ino;
}

Result<std::vector<std::string>> links_merging_udp(linux_net::RouteSocket& route) {
  LVS_TRY(const std::vector<linux_net::Link> links, route.links());
  std::vector<std::string> merging;
  for (const linux_net::Link& link : links)
    for (const char* feature : {"rx-udp-gro-forwarding", "rx-gro-list"})
      if (linux_net::has_feature(link.name, feature)) merging.push_back(link.name);
  std::ranges::sort(merging);
  merging.erase(std::unique(merging.begin(), merging.end()), merging.end());
  return merging;
}

}  // namespace

Result<Abilities> read_abilities(linux_net::RouteSocket& route) {
  LVS_TRY(const std::vector<linux_net::TunnelLink> tunnels, linux_net::tunnel_links());
  Abilities abilities;
  abilities.ipip = tunnel_kind("ipip", "ipip", tunnels);
  abilities.sit = tunnel_kind("sit", "sit", tunnels);
  abilities.ip6tnl = tunnel_kind("ip6tnl", "ip6_tunnel", tunnels);
  abilities.bpf = bpf_ability();
  abilities.inet_tables = has_inet_tables();
  abilities.force_forwarding = exists("/proc/sys/net/ipv6/conf/all/force_forwarding") ||
                               exists("/proc/sys/net/ipv6/conf/lo/force_forwarding");
  abilities.udev = is_watched_by_udev();
  LVS_TRY(abilities.merging_udp, links_merging_udp(route));
  return abilities;
}

}  // namespace lvs::profiles
