#include "profiles/core/read/scalar.h"
#include "profiles/core/read/sections.h"
#include "profiles/core/read/table.h"

namespace lvs::profiles::reading {
namespace {

using std::chrono::seconds;

/// 31 days, ipvsadm's limit for every timeout.
constexpr DurationRange<seconds> kTimeout{seconds{1}, seconds{2'678'400}};
constexpr IntegerRange kMark{1, 4294967295};

constexpr Word<Method> kMethods[] = {
    {"nat", Method::Nat}, {"dr", Method::Dr}, {"tun", Method::Tun}};
constexpr Word<Protocol> kProtocols[] = {
    {"tcp", Protocol::Tcp}, {"udp", Protocol::Udp}, {"sctp", Protocol::Sctp}};
constexpr Word<Family> kFamilies[] = {{"ipv4", Family::Ipv4}, {"ipv6", Family::Ipv6}};
constexpr Word<OnFailure> kOnFailure[] = {{"quiesce", OnFailure::Quiesce},
                                          {"remove", OnFailure::Remove}};
constexpr Word<TunnelType> kTunnelTypes[] = {
    {"ipip", TunnelType::Ipip}, {"gue", TunnelType::Gue}, {"gre", TunnelType::Gre}};

/// ipvsadm's names, of every scheduler of the kernel.
constexpr std::string_view kSchedulers[] = {"rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh",
                                            "sh", "sed", "nq", "fo",  "ovf",  "mh",    "twos"};
constexpr std::string_view kSchedulerFlags[] = {"flag-1",  "flag-2",      "flag-3", "sh-fallback",
                                                "sh-port", "mh-fallback", "mh-port"};

constexpr Key<ServiceTimeouts> kTimeoutKeys[] = {
    {"tcp", [](const Value& value, ServiceTimeouts& into,
               Errors& errors) { read_duration(value, kTimeout, into.tcp, errors); }},
    {"tcp_fin", [](const Value& value, ServiceTimeouts& into,
                   Errors& errors) { read_duration(value, kTimeout, into.tcp_fin, errors); }},
    {"udp", [](const Value& value, ServiceTimeouts& into,
               Errors& errors) { read_duration(value, kTimeout, into.udp, errors); }},
};

constexpr Key<Tunnel> kTunnelKeys[] = {
    {"type", [](const Value& value, Tunnel& into,
                Errors& errors) { read_word(value, kTunnelTypes, into.type, errors); }},
    {"port",
     [](const Value& value, Tunnel& into, Errors& errors) {
       if (const auto number = read_integer(value, {1, 65535}, errors))
         into.port = Port{static_cast<std::uint16_t>(*number)};
     }},
    {"checksum",
     [](const Value& value, Tunnel& into, Errors& errors) {
       if (const auto flag = read_boolean(value, errors)) into.checksum = *flag;
     }},
};

void read_single_port(const Value& value, ServiceEntry& into, Errors& errors) {
  if (value.kind == Kind::List)
    return add_mismatch(value, "one port", errors, "several are `ports = [80, 443]`");
  if (const auto number = read_integer(value, {0, 65535}, errors)) {
    const Port port{static_cast<std::uint16_t>(*number)};
    into.ports = {{port, port}};
  }
}

void read_ports(const Value& value, ServiceEntry& into, Errors& errors) {
  into.ports.clear();
  append_each(one_or_more(value, "ports", errors), read_port_range, into.ports, errors);
}

void read_servers(const Value& value, ServiceEntry& into, Errors& errors) {
  const std::string_view expected = R"(a list of servers like ["rs1", "rs2"])";
  if (value.kind != Kind::List) return add_mismatch(value, expected, errors);
  append_each(one_or_more(value, expected, errors), read_server, into.servers, errors);
}

/// `true`, `false` or a duration; the mask may have been said before.
void read_persistence(const Value& value, ServiceEntry& into, Errors& errors) {
  if (value.kind == Kind::Boolean) {
    if (value.boolean && !into.persistence) into.persistence.emplace();
    return;
  }
  Seconds timeout{};
  const std::size_t before = errors.count();
  read_duration(value, kTimeout, timeout, errors);
  if (errors.count() != before) return;
  if (!into.persistence) into.persistence.emplace();
  into.persistence->timeout = timeout;
}

void read_persistence_mask(const Value& value, ServiceEntry& into, Errors& errors) {
  const auto length = read_integer(value, {1, 128}, errors);
  if (!length) return;
  if (!into.persistence) into.persistence.emplace();
  into.persistence->mask = static_cast<std::uint8_t>(*length);
}

/// A name is resolved when all checks are known (rules.h).
void read_service_check(const Value& value, ServiceEntry& into, Errors& errors) {
  if (value.kind == Kind::Table) {
    into.check = read_check(value, "", errors);
  } else if (const auto name = read_text(value, "the name of a [check.NAME] or a table", errors)) {
    into.check.emplace();
    into.check->name = *name;
    into.check->where = value.where;
  }
}

std::optional<std::string> read_flag_name(const Value& value, Errors& errors) {
  const auto index = read_choice(value, kSchedulerFlags, errors);
  return index ? std::optional<std::string>{kSchedulerFlags[*index]} : std::nullopt;
}

template <bool ServiceEntry::*Flag>
void read_flag(const Value& value, ServiceEntry& into, Errors& errors) {
  if (const auto flag = read_boolean(value, errors)) into.*Flag = *flag;
}

constexpr Key<ServiceEntry> kKeys[] = {
    {"name",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       into.name = read_text(value, "a name for reports", errors).value_or("");
     }},
    {"vip",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       append_each(one_or_more(value, "an address", errors), read_vip, into.vips, errors);
     }},
    {"port", read_single_port},
    {"ports", read_ports},
    {"protocol",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       into.protocols.clear();
       append_each(one_or_more(value, "a protocol", errors), read_protocol, into.protocols, errors);
     }},
    {"mark",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       if (const auto mark = read_integer(value, kMark, errors))
         into.mark = static_cast<std::uint32_t>(*mark);
     }},
    {"family", [](const Value& value, ServiceEntry& into,
                  Errors& errors) { read_word(value, kFamilies, into.mark_family, errors); }},
    {"method",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       read_method(value, into.method, errors);
     },
     "nat, dr or tun; there is no default, because IPVS and keepalived have different ones"},
    {"scheduler",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       if (const auto index = read_choice(value, kSchedulers, errors))
         into.scheduler = kSchedulers[*index];
     }},
    {"scheduler_flags",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       append_each(list_items(value, "a list of flags", errors), read_flag_name,
                   into.scheduler_flags, errors);
     }},
    {"servers", read_servers, R"(a list of servers like ["rs1", "rs2"])"},
    {"persistence", read_persistence},
    {"persistence_mask", read_persistence_mask},
    {"one_packet", read_flag<&ServiceEntry::one_packet>},
    {"timeouts",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       read_table(value, "timeouts", kTimeoutKeys, into.timeouts, errors);
     }},
    {"expire_nodest_conn", read_flag<&ServiceEntry::expire_nodest_conn>},
    {"expire_quiescent_template", read_flag<&ServiceEntry::expire_quiescent_template>},
    {"tunnel",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       read_table(value, "a tunnel", kTunnelKeys, into.tunnel, errors);
     }},
    {"sorry_server", [](const Value& value, ServiceEntry& into,
                        Errors& errors) { into.sorry_server = read_server(value, errors); }},
    {"quorum",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       read_number(value, {1, 1'000'000}, into.quorum, errors);
     }},
    {"hysteresis",
     [](const Value& value, ServiceEntry& into, Errors& errors) {
       read_number(value, {0, 1'000'000}, into.hysteresis, errors);
     }},
    {"on_failure", [](const Value& value, ServiceEntry& into,
                      Errors& errors) { read_word(value, kOnFailure, into.on_failure, errors); }},
    {"check", read_service_check},
};

}  // namespace

void read_method(const Value& value, Method& into, Errors& errors) {
  read_word(value, kMethods, into, errors);
}

std::optional<Protocol> read_protocol(const Value& value, Errors& errors) {
  Protocol protocol{};
  const std::size_t before = errors.count();
  read_word(value, kProtocols, protocol, errors);
  return errors.count() == before ? std::optional{protocol} : std::nullopt;
}

void read_services(const Value& value, std::vector<ServiceEntry>& into, Errors& errors) {
  if (value.kind != Kind::List || value.items.empty())
    return add_mismatch(value, "at least one [[service]]", errors,
                        value.kind == Kind::Table ? "write [[service]] with two brackets" : "");
  for (const Value& item : value.items) {
    ServiceEntry& service = into.emplace_back();
    service.where = item.where;
    service.protocols = {Protocol::Tcp};
    read_table(item, "a service", kKeys, service, errors);
  }
}

}  // namespace lvs::profiles::reading
