// What must hold between the settings and the rest of the file.

#include <algorithm>

#include "net/wire/addr_text.h"
#include "profiles/core/read/rules.h"
#include "profiles/core/read/scalar.h"
#include "profiles/core/read/table.h"

namespace lvs::profiles::reading {
namespace {

using Rule = void (*)(const Value& said, const Subject& subject);

/// A rule for one section of the file, when it is there.
struct SectionRule {
  std::string_view section;
  Rule rule;
};

void judge_vrrp_vips(const Value& said, const Subject& subject) {
  if (!well_said(said, "vips", subject.errors)) return;
  for (const Value& item : said.find("vips")->value.items) {
    const auto vip = parse_ip(item.text);
    if (vip && !subject.vips.contains(*vip))
      add_mismatch(item, "the VIP of a service", subject.errors);
  }
}

/// RFC 3768: version 2 counts whole seconds, 1 to 255, and knows IPv4 alone; RFC 5798: version 3
/// has no authentication, and at most 40.95 s between announcements.
void judge_vrrp_version(const Value& said, const Subject& subject) {
  const Vrrp& vrrp = *subject.profile.vrrp;
  if (said.find("version") != nullptr && !well_said(said, "version", subject.errors)) return;
  if (well_said(said, "interval", subject.errors)) {
    const Value& interval = said.find("interval")->value;
    if (vrrp.version == 2 && vrrp.interval % std::chrono::seconds{1} != Milliseconds{0})
      add_mismatch(interval, "whole seconds in version 2", subject.errors);
    if (vrrp.version == 3 && vrrp.interval > Milliseconds{40'950})
      add_mismatch(interval, "at most 40950ms in version 3", subject.errors);
    else if (vrrp.version == 3 && vrrp.interval % Milliseconds{10} != Milliseconds{0})
      add_mismatch(interval, "hundredths of a second, like \"250ms\", in version 3",
                   subject.errors);
  }
  if (const Member* auth = said.find("auth_file"); auth != nullptr && vrrp.version == 3)
    subject.errors.add(auth->where,
                       "`auth_file` is for version 2: version 3 has no authentication");
  const auto v6 = std::find_if(subject.vips.begin(), subject.vips.end(),
                               [](const IpAddr& vip) { return !vip.is_v4(); });
  if (vrrp.version == 2 && v6 != subject.vips.end())
    subject.errors.add(where_of(said, "version"),
                       "version 2 cannot carry the IPv6 VIP " + to_string(*v6));
}

void judge_host_vrrp(const Subject& subject) {
  if (subject.root.find("vrrp") != nullptr) return;
  for (const Member& host : host_tables(subject.root)) {
    if (const Member* vrrp = host.value.find("vrrp"))
      subject.errors.add(vrrp->where, "`vrrp` of a host needs the section [vrrp]");
  }
}

std::set<std::string> director_nics(const Profile& profile) {
  std::set<std::string> names;
  for (const Host& host : profile.hosts) {
    if (!host.has(Role::Director)) continue;
    for (const Nic& nic : host.nics) names.insert(nic.name);
  }
  return names;
}

void judge_marks(const Subject& subject) {
  const Member* section = subject.root.find("mark");
  if (section == nullptr) return;
  const std::set<std::string> nics = director_nics(subject.profile);
  for (std::size_t i = 0; i < subject.profile.marks.size(); ++i) {
    const Value& said = section->value.items[i];
    const MarkEntry& mark = subject.profile.marks[i];
    if (well_said(said, "interface", subject.errors) && !nics.contains(mark.interface))
      add_mismatch(said.find("interface")->value, "the name of a director's NIC", subject.errors);
    if (mark.vip && mark.source && mark.vip->family() != mark.source->addr.family())
      subject.errors.add(where_of(said, "source"),
                         "`source` and `vip` are of different families: no packet is of both");
  }
}

void judge_engine_nics(const Value& said, const Subject& subject) {
  if (!well_said(said, "nics", subject.errors)) return;
  const std::set<std::string> names = director_nics(subject.profile);
  for (const Value& item : said.find("nics")->value.items) {
    if (!names.contains(item.text))
      add_mismatch(item, "the name of a director's NIC", subject.errors);
  }
}

void judge_lab_router(const Value& said, const Subject& subject) {
  if (!well_said(said, "routes_via", subject.errors)) return;
  const Value& name = said.find("routes_via")->value;
  if (subject.profile.host(name.text) == nullptr)
    add_mismatch(name, "a host of this file", subject.errors,
                 host_hint(name.text, subject.profile));
}

void judge_lab_clients(const Value& said, const Subject& subject) {
  const Member* clients = said.find("clients");
  if (clients == nullptr) return;
  std::set<IpAddr> seen;
  for (const Value& item : items_of(clients->value)) {
    const auto prefix = item.kind == Kind::Text ? parse_prefix(item.text) : std::nullopt;
    if (!prefix) continue;
    const auto owner = std::find_if(subject.profile.hosts.begin(), subject.profile.hosts.end(),
                                    [&](const Host& host) { return host.owns(prefix->addr); });
    if (owner != subject.profile.hosts.end())
      subject.errors.add(item.where, to_string(prefix->addr) + " is the address of " +
                                         printable(owner->name) + ", not free for a client");
    else if (subject.vips.contains(prefix->addr))
      subject.errors.add(item.where, to_string(prefix->addr) + " is a VIP, not free for a client");
    else if (!seen.insert(prefix->addr).second)
      subject.errors.add(item.where, to_string(prefix->addr) + " is listed twice");
  }
}

constexpr SectionRule kRules[] = {{"vrrp", judge_vrrp_vips},
                                  {"vrrp", judge_vrrp_version},
                                  {"engine", judge_engine_nics},
                                  {"lab", judge_lab_router},
                                  {"lab", judge_lab_clients}};

}  // namespace

void judge_settings(const Subject& subject) {
  for (const SectionRule& row : kRules) {
    const Member* section = subject.root.find(row.section);
    if (section != nullptr && section->value.kind == Kind::Table) row.rule(section->value, subject);
  }
  judge_host_vrrp(subject);
  judge_marks(subject);
}

}  // namespace lvs::profiles::reading
