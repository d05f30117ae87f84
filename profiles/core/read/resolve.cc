// Names that one table says and another explains.

#include <algorithm>

#include "net/wire/addr_text.h"
#include "profiles/core/derive.h"
#include "profiles/core/read/nearest.h"
#include "profiles/core/read/rules.h"
#include "profiles/core/read/scalar.h"
#include "profiles/core/read/words.h"

namespace lvs::profiles::reading {
namespace {

constexpr std::size_t kMaxListed = 12;

std::string name_hint(std::string_view name, std::span<const std::string_view> known,
                      std::string_view what) {
  if (const auto meant = nearest(name, known))
    return R"(did you mean ")" + std::string{*meant} + R"("?)";
  if (known.empty()) return "the file has no " + std::string{what};
  return "the file has " + join_choices(known.first(std::min(known.size(), kMaxListed)));
}

std::string check_hint(std::string_view name, const std::vector<Check>& checks) {
  std::vector<std::string_view> names;
  names.reserve(checks.size());
  for (const Check& check : checks) names.push_back(check.name);
  return name_hint(name, names, "[check.NAME]");
}

void append_addresses(const Value& table, std::vector<SaidAddress>& into) {
  const Member* address = table.find("address");
  if (address == nullptr) return;
  for (const Value& item : items_of(address->value)) {
    const auto prefix = item.kind == Kind::Text ? parse_prefix(item.text) : std::nullopt;
    if (prefix) into.push_back({*prefix, item.where});
  }
}

/// The first address of the host of this name, or the address that the text is.
std::optional<IpAddr> target_address(const Profile& profile, std::string_view text) {
  const Host* host = profile.host(text);
  if (host == nullptr) return parse_ip(text);
  const auto v4 = address_of(*host, IpAddr{Ipv4Addr{}});
  return v4 ? v4 : address_of(*host, IpAddr{Ipv6Addr{}});
}

std::optional<HostProbe> parse_probe(const Profile& profile, std::string_view text) {
  HostProbe probe;
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view kind = text.substr(0, space);
  probe.target = text.substr(space + 1);
  std::string host = probe.target;
  if (kind == "tcp") {
    const auto endpoint = parse_endpoint(probe.target);
    if (!endpoint) return std::nullopt;
    probe.kind = HostProbe::Kind::Tcp;
    probe.port = endpoint->port;
    host = endpoint->host;
  } else if (kind == "arp") {
    probe.kind = HostProbe::Kind::Arp;
  } else if (kind != "ping") {
    return std::nullopt;
  }
  const auto address = target_address(profile, host);
  if (!address || (probe.kind == HostProbe::Kind::Arp && !address->is_v4())) return std::nullopt;
  probe.address = *address;
  return probe;
}

}  // namespace

std::span<const Value> service_tables(const Value& root) {
  const Member* service = root.find("service");
  return service == nullptr ? std::span<const Value>{} : std::span{service->value.items};
}

std::span<const Member> host_tables(const Value& root) {
  const Member* host = root.find("host");
  return host == nullptr ? std::span<const Member>{} : std::span{host->value.members};
}

std::vector<SaidAddress> addresses_said(const Value& host_table) {
  std::vector<SaidAddress> said;
  append_addresses(host_table, said);
  if (const Member* nics = host_table.find("nics")) {
    for (const Value& nic : nics->value.items) append_addresses(nic, said);
  }
  return said;
}

std::string host_hint(std::string_view name, const Profile& profile) {
  std::vector<std::string_view> names;
  for (const Host& host : profile.hosts) names.push_back(host.name);
  return name_hint(name, names, "hosts");
}

void resolve_checks(const Value& root, Draft& draft, Errors& errors) {
  const std::span<const Value> tables = service_tables(root);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const Member* said = tables[i].find("check");
    if (said == nullptr || said->value.kind != Kind::Text || errors.is_bad(said->where)) continue;
    const auto found =
        std::find_if(draft.checks.begin(), draft.checks.end(),
                     [&](const Check& check) { return check.name == said->value.text; });
    if (found != draft.checks.end())
      draft.profile.services[i].check = *found;
    else
      errors.add(said->value.where, "there is no [check." + printable(said->value.text) + "]",
                 check_hint(said->value.text, draft.checks));
  }
}

void resolve_probes(const Value& root, Profile& profile, Errors& errors) {
  const std::span<const Member> tables = host_tables(root);
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const Member* said = tables[i].value.find("probe");
    if (said == nullptr || errors.is_bad(said->where)) continue;
    for (const Value& item : said->value.items) {
      if (auto probe = parse_probe(profile, item.text))
        profile.hosts[i].probes.push_back(*std::move(probe));
      else
        add_mismatch(item, R"("tcp HOST:PORT", "arp ADDRESS" or "ping ADDRESS")", errors,
                     "a target is an address or a host of this file");
    }
  }
}

void resolve_marks(Profile& profile) {
  for (ServiceEntry& service : profile.services)
    for (const MarkEntry& mark : profile.marks) {
      const bool is_its =
          service.mark == mark.value && mark.vip && mark.vip->family() == service.mark_family &&
          std::find(service.vips.begin(), service.vips.end(), *mark.vip) == service.vips.end();
      if (is_its) service.vips.push_back(*mark.vip);
    }
}

}  // namespace lvs::profiles::reading
