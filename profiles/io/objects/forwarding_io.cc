#include <cerrno>

#include "net/linux/sysctl.h"
#include "profiles/io/objects/objects.h"

namespace lvs::profiles {
namespace {

constexpr const char* kAll = "net/ipv6/conf/all/forwarding";

/// Writes the value unless it is there already. An interface that is gone needs none.
Result<void> put_back(const std::string& key, const std::string& value) {
  const auto present = linux_net::read_sysctl(key);
  if (!present && present.error().sys_errno == ENOENT) return {};
  if (present && *present == value) return {};
  auto written = linux_net::write_sysctl(key, value);
  if (!written && written.error().sys_errno == ENOENT) return {};
  return written;
}

}  // namespace

Result<void> add_object(RouteSocket& /*route*/, const Forward6Fact& /*forwarding*/) {
  return linux_net::write_sysctl(kAll, "1");
}

Result<void> remove_object(RouteSocket& /*route*/, const Forward6Fact& forwarding) {
  LVS_CHECK(linux_net::write_sysctl(kAll, "0"));
  for (const auto& [key, value] : forwarding.before)
    if (key != kAll) LVS_CHECK(put_back(key, value));
  return {};
}

Result<void> read_forwarding(Snapshot& snapshot) {
  const auto value = linux_net::read_sysctl(kAll);
  // A kernel without IPv6 forwards none.
  if (!value && value.error().sys_errno != ENOENT) return tl::unexpected(value.error());
  if (value && *value == "1") snapshot.forwardings.push_back({});
  return {};
}

}  // namespace lvs::profiles
