#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "profiles/core/read/errors.h"
#include "profiles/core/read/sections.h"
#include "profiles/core/read/value.h"

// What must hold between the tables of a profile. Every rule is a row of a table in one of the
// rules_*.cc; it adds its errors where the reader of the file must change something, and is silent
// about keys that were not understood in the first place.

namespace lvs::profiles::reading {

/// More services of IPVS's kind than this are a mistake ("ports" times "vip" times "protocol").
inline constexpr std::size_t kMaxServices = 65536;

/// What a rule looks at: what was read, and where each thing was said.
struct Subject {
  const Profile& profile;
  const Value& root;
  const std::set<IpAddr>& vips;  ///< of all services
  Errors& errors;
};

/// Puts the checks that services name, and the hosts that probes name, in their places.
void resolve_checks(const Value& root, Draft& draft, Errors& errors);
void resolve_probes(const Value& root, Profile& profile, Errors& errors);

/// Gives services that are chosen by a mark the VIPs of its [[mark]] entries.
void resolve_marks(Profile& profile);

void judge_services(const Subject& subject);
void judge_servers(const Subject& subject);
void judge_hosts(const Subject& subject);
void judge_settings(const Subject& subject);

/// The tables of `[[service]]`, one for each service of the profile; empty when there are none.
std::span<const Value> service_tables(const Value& root);
/// The members of `[host]`, one for each host of the profile; empty when there are none.
std::span<const Member> host_tables(const Value& root);

/// An address as a host says it, and where.
struct SaidAddress {
  Prefix prefix{};
  Where where{};
};
std::vector<SaidAddress> addresses_said(const Value& host_table);

/// "did you mean `X`?" for a host's name, or the names there are.
std::string host_hint(std::string_view name, const Profile& profile);

}  // namespace lvs::profiles::reading
