// What must hold for hosts and their NICs.

#include <algorithm>
#include <map>

#include "net/wire/addr_text.h"
#include "profiles/core/read/rules.h"
#include "profiles/core/read/scalar.h"
#include "profiles/core/read/table.h"

namespace lvs::profiles::reading {
namespace {

/// One rule for one host: `said` is its table.
using Rule = void (*)(const Host& host, const Value& said, const Subject& subject);

/// The table that says a NIC: an item of `nics`, or the host's own for the short form.
const Value& nic_table(const Value& said, std::size_t index) {
  const Member* nics = said.find("nics");
  return nics == nullptr ? said : nics->value.items[index];
}

void judge_nics(const Host& host, const Value& said, const Subject& subject) {
  std::set<std::string> names;
  bool has_outside = false;
  for (std::size_t i = 0; i < host.nics.size(); ++i) {
    const Nic& nic = host.nics[i];
    const Value& table = nic_table(said, i);
    if (!nic.name.empty() && !names.insert(nic.name).second)
      subject.errors.add(where_of(table, "name"),
                         host.name + " has two NICs named \"" + nic.name + "\"",
                         "several addresses of one NIC are a list: address = [\"…\", \"…\"]");
    if (nic.outside && has_outside)
      subject.errors.add(where_of(table, "outside"),
                         host.name + " has two NICs with `outside`: one faces the clients");
    has_outside = has_outside || nic.outside;
  }
}

/// The address of a VIP as it may be written, with or without its whole prefix.
std::optional<IpAddr> vip_in(const Value& item) {
  const auto prefix = parse_prefix(item.text);
  return prefix ? std::optional{prefix->addr} : parse_ip(item.text);
}

void judge_nic_vips(const Host& host, const Value& said, const Subject& subject) {
  std::set<IpAddr> placed;
  for (std::size_t i = 0; i < host.nics.size(); ++i) {
    const Value& nic = nic_table(said, i);
    if (!well_said(nic, "vips", subject.errors)) continue;
    for (const Value& item : items_of(nic.find("vips")->value)) {
      const std::optional<IpAddr> vip = vip_in(item);
      if (!vip) continue;
      if (!subject.vips.contains(*vip))
        add_mismatch(item, "the VIP of a service", subject.errors);
      else if (!placed.insert(*vip).second)
        subject.errors.add(item.where,
                           "the VIP " + to_string(*vip) + " is on two NICs of " + host.name);
    }
  }
}

void judge_gateways(const Host& host, const Value& said, const Subject& subject) {
  const Member* gateway = said.find("gateway");
  const std::vector<SaidAddress> own = addresses_said(said);
  if (gateway == nullptr || own.empty()) return;
  for (const Value& item : items_of(gateway->value)) {
    const auto address = item.kind == Kind::Text ? parse_ip(item.text) : std::nullopt;
    if (!address) continue;
    const bool is_near = std::any_of(own.begin(), own.end(), [&](const SaidAddress& at) {
      return at.prefix.contains(*address);
    });
    if (!is_near)
      subject.errors.add(
          item.where, "the gateway " + to_string(*address) + " is in no network of " + host.name);
    else if (host.owns(*address))
      subject.errors.add(item.where, "the gateway is " + host.name + "'s own address");
  }
}

/// Keys that only some roles have a use for.
struct RoleKey {
  std::string_view key;
  std::vector<Role> roles;
  std::string_view names;
};
const std::vector<RoleKey>& role_keys() {
  using enum Role;
  static const std::vector<RoleKey> rows{
      {"scope", {RealServer, Director}, "realserver or director"},
      {"decap", {RealServer}, "realserver"},
      {"masquerade", {Director}, "director"},
      {"vrrp", {Director}, "director"},
  };
  return rows;
}

bool has_any(const Host& host, const std::vector<Role>& roles) {
  return std::any_of(roles.begin(), roles.end(), [&](Role role) { return host.has(role); });
}

void judge_role_keys(const Host& host, const Value& said, const Subject& subject) {
  if (!well_said(said, "role", subject.errors)) return;
  for (const RoleKey& row : role_keys()) {
    const Member* member = said.find(row.key);
    if (member != nullptr && !has_any(host, row.roles))
      subject.errors.add(member->where, "`" + std::string{row.key} + "` is for hosts of role " +
                                            std::string{row.names});
  }
  if (!host.arp || !well_said(said, "arp", subject.errors)) return;
  const bool is_static = host.arp == ArpStyle::Static;
  const std::vector<Role> roles =
      is_static ? std::vector{Role::Router, Role::Client} : std::vector{Role::RealServer};
  if (!has_any(host, roles))
    subject.errors.add(said.find("arp")->where,
                       is_static ? "`arp` = \"static\" is for hosts of role router or client"
                                 : "`arp` is for hosts of role realserver");
}

void judge_roles(const Host& host, const Value& said, const Subject& subject) {
  std::set<Role> seen;
  if (!well_said(said, "role", subject.errors)) return;
  for (const Role role : host.roles) {
    if (seen.insert(role).second) continue;
    return subject.errors.add(where_of(said, "role"), host.name + " has the same role twice");
  }
}

constexpr Rule kRules[] = {judge_nics, judge_nic_vips, judge_gateways, judge_role_keys,
                           judge_roles};

/// True where nat alone serves the VIP: then it may be the one director's own address, because no
/// real server has it too. The director's own share is local.
bool is_for_nat_alone(const IpAddr& vip, const Host& director, const Profile& profile) {
  const auto is_foreign = [&](const ServiceEntry& service, const ServerEntry& server) {
    return server.method.value_or(service.method) != Method::Nat && server.host != director.name;
  };
  for (const ServiceEntry& service : profile.services) {
    if (std::find(service.vips.begin(), service.vips.end(), vip) == service.vips.end()) continue;
    for (const ServerEntry& server : service.servers)
      if (is_foreign(service, server)) return false;
    if (service.sorry_server && is_foreign(service, *service.sorry_server)) return false;
  }
  return true;
}

bool may_have_the_vip(std::string_view name, const IpAddr& vip, const Subject& subject) {
  const Host* host = subject.profile.host(name);
  const auto& hosts = subject.profile.hosts;
  const auto directors = std::count_if(hosts.begin(), hosts.end(),
                                       [](const Host& each) { return each.has(Role::Director); });
  return host != nullptr && host->has(Role::Director) && directors == 1 && !subject.profile.vrrp &&
         is_for_nat_alone(vip, *host, subject.profile);
}

/// An address belongs to one host, and a VIP to none: its holders get it from us.
void judge_addresses(const Subject& subject) {
  struct Owner {
    std::string_view host;
    Where where{};
  };
  std::map<IpAddr, Owner> owners;
  for (const Member& host : host_tables(subject.root)) {
    for (const SaidAddress& said : addresses_said(host.value)) {
      const std::string text = to_string(said.prefix.addr);
      const auto [at, is_new] = owners.emplace(said.prefix.addr, Owner{host.key, said.where});
      if (!is_new)
        subject.errors.add(said.where, text + " is already the address of " +
                                           printable(at->second.host) + ", in line " +
                                           std::to_string(at->second.where.line));
      if (subject.vips.contains(said.prefix.addr) &&
          !may_have_the_vip(host.key, said.prefix.addr, subject))
        subject.errors.add(
            said.where,
            text + " is a VIP, it cannot be " + printable(host.key) + "'s own address too",
            "each host has an address of its own; the VIP is added to it by role");
    }
  }
}

void judge_directors(const Subject& subject) {
  const Member* hosts = subject.root.find("host");
  if (hosts == nullptr) return;
  for (const Member& host : host_tables(subject.root)) {
    if (!well_said(host.value, "role", subject.errors)) return;
  }
  const bool has_director = std::any_of(subject.profile.hosts.begin(), subject.profile.hosts.end(),
                                        [](const Host& host) { return host.has(Role::Director); });
  if (!has_director && !subject.profile.hosts.empty())
    subject.errors.add(hosts->where, "no host has the role director");
}

}  // namespace

void judge_hosts(const Subject& subject) {
  const std::span<const Member> tables = host_tables(subject.root);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].value.kind != Kind::Table) continue;
    for (const Rule rule : kRules) rule(subject.profile.hosts[i], tables[i].value, subject);
  }
  judge_addresses(subject);
  judge_directors(subject);
}

}  // namespace lvs::profiles::reading
