#include "profiles/core/read/scalar.h"
#include "profiles/core/read/sections.h"
#include "profiles/core/read/table.h"
#include "profiles/core/read/words.h"

namespace lvs::profiles::reading {
namespace {

constexpr Word<Role> kRoles[] = {{"director", Role::Director},
                                 {"realserver", Role::RealServer},
                                 {"router", Role::Router},
                                 {"client", Role::Client}};
constexpr Word<ArpStyle> kArpStyles[] = {
    {"sysctl", ArpStyle::Sysctl}, {"nft", ArpStyle::Nft}, {"static", ArpStyle::Static}};
constexpr Word<VipScope> kScopes[] = {{"host", VipScope::Host}, {"global", VipScope::Global}};
constexpr Word<Decap> kDecaps[] = {{"auto", Decap::Auto},
                                   {"ipip", Decap::Ipip},
                                   {"tunl0", Decap::Tunl0},
                                   {"bpf", Decap::Bpf},
                                   {"process", Decap::Process}};

/// A host while it is read: its NIC may be written in the short form.
struct HostDraft {
  Host host;
  Nic short_form;
};

std::optional<Role> read_role(const Value& value, Errors& errors) {
  Role role{};
  const std::size_t before = errors.count();
  read_word(value, kRoles, role, errors);
  return errors.count() == before ? std::optional{role} : std::nullopt;
}

void read_nic_name(const Value& value, Nic& into, Errors& errors) {
  const auto name = read_interface_name(value, errors);
  if (!name) return;
  if (*name == "lo")
    return add_mismatch(value, "an interface on the network", errors,
                        "VIPs on lo are derived from the role and the method");
  into.name = *name;
}

void read_nic_addresses(const Value& value, Nic& into, Errors& errors) {
  append_each(one_or_more(value, "an address", errors), read_interface_address, into.addresses,
              errors);
}

constexpr Key<Nic> kNicKeys[] = {
    {"name", read_nic_name, "the interface's name"},
    {"address", read_nic_addresses, R"(the interface's address like "192.168.1.91/24")"},
    {"outside",
     [](const Value& value, Nic& into, Errors& errors) {
       if (const auto flag = read_boolean(value, errors)) into.outside = *flag;
     }},
    {"vips",
     [](const Value& value, Nic& into, Errors& errors) {
       append_each(one_or_more(value, "a VIP", errors), read_vip, into.vips, errors);
     }},
};

void read_nics(const Value& value, HostDraft& into, Errors& errors) {
  const std::string_view expected = R"(a list like [{ name = "eth0", address = "…" }])";
  if (value.kind != Kind::List || value.items.empty()) return add_mismatch(value, expected, errors);
  for (const Value& item : value.items) {
    Nic& nic = into.host.nics.emplace_back();
    nic.where = item.where;
    read_table(item, "a NIC", kNicKeys, nic, errors);
  }
}

std::optional<std::string> sysctl_value(const Value& value, Errors& errors) {
  if (value.kind == Kind::Integer) return std::to_string(value.integer);
  if (value.kind == Kind::Boolean) return std::string{value.boolean ? "1" : "0"};
  return read_text(value, "the sysctl's value", errors);
}

/// Unquoted dotted keys are tables in tables: their parts are joined again.
void read_sysctls(const Value& table, const std::string& path,
                  std::map<std::string, std::string>& into, Errors& errors) {
  for (const Member& member : table.members) {
    const std::string whole = path.empty() ? member.key : path + "." + member.key;
    if (member.value.kind == Kind::Table) {
      read_sysctls(member.value, whole, into, errors);
      continue;
    }
    const auto name = parse_sysctl_name(whole);
    const auto value = sysctl_value(member.value, errors);
    if (!name)
      errors.add(member.where,
                 R"(expected a sysctl of the network like "net.ipv4.conf.all.arp_ignore", found )" +
                     quote_text(whole));
    else if (value && !into.emplace(*name, *value).second)
      errors.add(member.where, "the sysctl " + quote_text(*name) + " is said twice");
  }
}

void read_masquerade(const Value& value, HostDraft& into, Errors& errors) {
  if (value.kind == Kind::Boolean) {
    into.host.masquerade = value.boolean;
    return;
  }
  if (value.kind != Kind::List || value.items.empty())
    return add_mismatch(value, "true, false or a list of networks", errors);
  into.host.masquerade = true;
  append_each(value.items, read_network, into.host.masquerade_networks, errors);
}

constexpr Key<HostVrrp> kVrrpKeys[] = {
    {"priority",
     [](const Value& value, HostVrrp& into, Errors& errors) {
       read_number(value, {1, 255}, into.priority, errors);
     },
     "1 to 255"},
};

/// The targets may be hosts that come later: rules.h resolves them.
void read_probes(const Value& value, HostDraft& /*into*/, Errors& errors) {
  for (const Value& item : list_items(value, R"(a list like ["tcp rs1:80", "ping rs2"])", errors))
    (void)read_text(item, R"("tcp HOST:PORT", "arp ADDRESS" or "ping ADDRESS")", errors);
}

constexpr Key<HostDraft> kKeys[] = {
    {"role",
     [](const Value& value, HostDraft& into, Errors& errors) {
       append_each(one_or_more(value, "a role", errors), read_role, into.host.roles, errors);
     },
     "director, realserver, router or client"},
    {"interface", [](const Value& value, HostDraft& into,
                     Errors& errors) { read_nic_name(value, into.short_form, errors); }},
    {"address", [](const Value& value, HostDraft& into,
                   Errors& errors) { read_nic_addresses(value, into.short_form, errors); }},
    {"nics", read_nics},
    {"gateway",
     [](const Value& value, HostDraft& into, Errors& errors) {
       append_each(one_or_more(value, "an address", errors), read_address, into.host.gateways,
                   errors);
     }},
    {"arp", [](const Value& value, HostDraft& into,
               Errors& errors) { read_word(value, kArpStyles, into.host.arp, errors); }},
    {"scope", [](const Value& value, HostDraft& into,
                 Errors& errors) { read_word(value, kScopes, into.host.scope, errors); }},
    {"decap", [](const Value& value, HostDraft& into,
                 Errors& errors) { read_word(value, kDecaps, into.host.decap, errors); }},
    {"sysctl",
     [](const Value& value, HostDraft& into, Errors& errors) {
       if (is_table(value, "sysctls", errors)) read_sysctls(value, "", into.host.sysctl, errors);
     }},
    {"probe", read_probes},
    {"allowed_macs",
     [](const Value& value, HostDraft& into, Errors& errors) {
       append_each(list_items(value, "a list of MAC addresses", errors), read_mac,
                   into.host.allowed_macs, errors);
     }},
    {"masquerade", read_masquerade},
    {"vrrp",
     [](const Value& value, HostDraft& into, Errors& errors) {
       into.host.vrrp.emplace();
       read_table(value, "a host's vrrp", kVrrpKeys, *into.host.vrrp, errors);
     }},
};

/// The short form of one NIC is `interface` and `address`, both of them.
void finish_nics(const Value& value, HostDraft& draft, Errors& errors) {
  const Member* interface = value.find("interface");
  const Member* address = value.find("address");
  const Member* short_form = interface != nullptr ? interface : address;
  if (value.find("nics") != nullptr) {
    if (short_form != nullptr)
      errors.add(short_form->where, "a host has `nics` or `interface` and `address`, not both");
    return;
  }
  if (interface == nullptr || address == nullptr) {
    const std::string missing = interface == nullptr ? "`interface`" : "`address`";
    errors.add(value.where, short_form == nullptr
                                ? "a host needs `interface` and `address`, or `nics`"
                                : missing +
                                      " is missing: a host has both of `interface` and "
                                      "`address`, or `nics`");
    return;
  }
  draft.short_form.where = interface->value.where;
  draft.host.nics = {draft.short_form};
}

}  // namespace

void read_hosts(const Value& value, std::vector<Host>& into, Errors& errors) {
  if (value.kind != Kind::Table || value.members.empty())
    return add_mismatch(value, "[host.NAME] for each host", errors,
                        value.kind == Kind::List ? "write [host.NAME] with single brackets" : "");
  for (const Member& member : value.members) {
    HostDraft draft;
    draft.host.name = member.key;
    draft.host.where = member.where;
    if (!is_host_name(member.key))
      errors.add(member.where, R"(a host's name has letters, digits, "-", "_" and ".", found )" +
                                   quote_text(member.key));
    read_table(member.value, "a host", kKeys, draft, errors);
    if (member.value.kind == Kind::Table) finish_nics(member.value, draft, errors);
    into.push_back(std::move(draft.host));
  }
}

}  // namespace lvs::profiles::reading
