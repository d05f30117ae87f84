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
Result<void> read_sysctls(Snapshot& snapshot, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    const std::size_t star = key.find('*');
    if (star == std::string::npos) {
      LVS_CHECK(read_one_sysctl(snapshot, key));
      continue;
    }
    std::vector<std::string> places = snapshot.links;
    places.insert(places.end(), {"all", "default"});
    for (const std::string& place : places)
      LVS_CHECK(read_one_sysctl(snapshot, std::string(key).replace(star, 1, place)));
  }
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
