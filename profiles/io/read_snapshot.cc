#include "profiles/io/read_snapshot.h"

#include <cerrno>

#include "net/linux/sysctl.h"
#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

Result<void> read_one_sysctl(Snapshot& snapshot, const std::string& key) {
  auto value = linux_net::read_sysctl(key);
  if (value) {
    snapshot.sysctls[key] = *std::move(value);
  } else if (value.error().sys_errno != ENOENT) {
    return tl::unexpected(std::move(value).error());
  }
  return {};
}

/// `*` stands for each interface, `all` and `default`.
std::vector<std::string> keys_meant(const std::string& key, const Snapshot& snapshot) {
  const std::size_t star = key.find('*');
  if (star == std::string::npos) return {key};
  std::vector<std::string> keys = snapshot.links;
  keys.insert(keys.end(), {"all", "default"});
  for (std::string& place : keys) place = std::string(key).replace(star, 1, place);
  return keys;
}

Result<void> read_sysctls(Snapshot& snapshot, const std::vector<std::string>& keys) {
  for (const std::string& key : keys)
    for (const std::string& meant : keys_meant(key, snapshot))
      LVS_CHECK(read_one_sysctl(snapshot, meant));
  return {};
}

}  // namespace

Result<Snapshot> read_snapshot(linux_net::RouteSocket& route, const Look& look) {
  Snapshot snapshot;
  LVS_CHECK(read_network(route, snapshot));
  LVS_CHECK(read_neighbours(route, look.resolve, snapshot));
  LVS_CHECK(read_tunnels(route, snapshot));
  LVS_CHECK(read_withholdings(snapshot));
  LVS_CHECK(read_tables(snapshot));
  LVS_CHECK(read_forwarding(snapshot));
  if (look.firewall) LVS_CHECK(read_firewall(snapshot));
  if (look.decap) LVS_CHECK(read_decap(route, snapshot));
  LVS_CHECK(read_files(look.files, snapshot));
  LVS_CHECK(read_sysctls(snapshot, look.sysctls));
  return snapshot;
}

}  // namespace lvs::profiles
