#include "verify/core/known_hosts.h"

#include <algorithm>
#include <utility>

#include "net/wire/addr_text.h"

namespace lvs::verify {
namespace {

std::string_view role_name(profiles::Role role) {
  switch (role) {
    case profiles::Role::Director:
      return "director";
    case profiles::Role::RealServer:
      return "real server";
    case profiles::Role::Router:
      return "router";
    case profiles::Role::Client:
      return "client";
  }
  return "";
}

}  // namespace

bool KnownMac::has(profiles::Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

void KnownHosts::add(KnownMac known) { macs_.push_back(std::move(known)); }

const KnownMac* KnownHosts::find(const MacAddr& mac) const {
  const auto at = std::find_if(macs_.begin(), macs_.end(),
                               [&mac](const KnownMac& known) { return known.mac == mac; });
  return at == macs_.end() ? nullptr : &*at;
}

bool KnownHosts::knows(const std::string& host) const {
  return std::any_of(macs_.begin(), macs_.end(),
                     [&host](const KnownMac& known) { return known.host == host; });
}

std::string KnownHosts::describe(const MacAddr& mac) const {
  const KnownMac* known = find(mac);
  if (known == nullptr) return "a host that the profile does not know (" + to_string(mac) + ")";
  return known->host + " (" + role_text(known->roles) + ", " + to_string(mac) + ")";
}

std::string role_text(const std::vector<profiles::Role>& roles) {
  std::string text;
  for (const profiles::Role role : roles) {
    if (!text.empty()) text += " and ";
    text += role_name(role);
  }
  return text.empty() ? "no role" : text;
}

}  // namespace lvs::verify
