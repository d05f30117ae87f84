// The sections that are about the programs and not about services or hosts.

#include "profiles/core/read/scalar.h"
#include "profiles/core/read/sections.h"
#include "profiles/core/read/table.h"
#include "profiles/core/read/words.h"

namespace lvs::profiles::reading {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr IntegerRange kCount{1, 4294967295};

constexpr Key<MarkEntry> kMarkKeys[] = {
    {"value",
     [](const Value& value, MarkEntry& into, Errors& errors) {
       read_number(value, kCount, into.value, errors);
     },
     "the mark's number"},
    {"vip", [](const Value& value, MarkEntry& into,
               Errors& errors) { into.vip = read_vip(value, errors); }},
    {"protocol", [](const Value& value, MarkEntry& into,
                    Errors& errors) { into.protocol = read_protocol(value, errors); }},
    {"ports",
     [](const Value& value, MarkEntry& into, Errors& errors) {
       append_each(one_or_more(value, "ports", errors), read_port_range, into.ports, errors);
     }},
    {"source", [](const Value& value, MarkEntry& into,
                  Errors& errors) { into.source = read_network(value, errors); }},
    {"interface",
     [](const Value& value, MarkEntry& into, Errors& errors) {
       into.interface = read_interface_name(value, errors).value_or("");
     }},
};

/// A list of addresses, or the one word that means the default.
void read_addresses_or(std::string_view word, const Value& value, std::vector<IpAddr>& into,
                       Errors& errors) {
  if (value.kind == Kind::Text && value.text == word) return;
  if (value.kind != Kind::List)
    return add_mismatch(value, R"(")" + std::string{word} + R"(" or a list of addresses)", errors);
  append_each(one_or_more(value, "an address", errors), read_vip, into, errors);
}

constexpr Key<Vrrp> kVrrpKeys[] = {
    {"id",
     [](const Value& value, Vrrp& into, Errors& errors) {
       read_number(value, {1, 255}, into.id, errors);
     },
     "the virtual router's number, 1 to 255"},
    {"version",
     [](const Value& value, Vrrp& into, Errors& errors) {
       read_number(value, {2, 3}, into.version, errors);
     }},
    // RFC 5798: twelve bits of hundredths of a second; version 2 has whole seconds up to 255.
    {"interval",
     [](const Value& value, Vrrp& into, Errors& errors) {
       read_duration(value, {milliseconds{10}, milliseconds{255'000}}, into.interval, errors);
     }},
    {"priority",
     [](const Value& value, Vrrp& into, Errors& errors) {
       read_number(value, {1, 254}, into.priority, errors);
     }},
    {"preempt",
     [](const Value& value, Vrrp& into, Errors& errors) {
       if (const auto flag = read_boolean(value, errors)) into.preempt = *flag;
     }},
    {"preempt_delay",
     [](const Value& value, Vrrp& into, Errors& errors) {
       read_duration(value, {milliseconds{0}, milliseconds{3'600'000}}, into.preempt_delay, errors);
     }},
    {"vips", [](const Value& value, Vrrp& into,
                Errors& errors) { read_addresses_or("all", value, into.vips, errors); }},
    {"peers", [](const Value& value, Vrrp& into,
                 Errors& errors) { read_addresses_or("multicast", value, into.peers, errors); }},
    {"auth_file",
     [](const Value& value, Vrrp& into, Errors& errors) {
       into.auth_file = read_text(value, "the path of a file", errors).value_or("");
     }},
    {"track",
     [](const Value& value, Vrrp& into, Errors& errors) {
       append_each(list_items(value, "a list of interface names", errors), read_interface_name,
                   into.track, errors);
     }},
};

constexpr Word<CarrierKind> kCarriers[] = {{"packet", CarrierKind::Packet},
                                           {"xdp", CarrierKind::Xdp}};

/// "now", or "drain" with or without a deadline.
void read_on_remove(const Value& value, OnRemove& into, Errors& errors) {
  const std::string_view text = value.kind == Kind::Text ? value.text : std::string_view{};
  const bool has_deadline = text.starts_with("drain ");
  const auto deadline = has_deadline ? parse_duration(text.substr(6)) : std::nullopt;
  const bool fits = deadline && *deadline >= microseconds{0} &&
                    *deadline <= std::chrono::hours{24 * 31} && deadline->count() % 1'000'000 == 0;
  if (text != "now" && text != "drain" && !fits)
    return add_mismatch(value, R"("drain 60s" (whole seconds, at most 31d) or "now")", errors);
  into.drain = text != "now";
  if (fits) into.deadline = std::chrono::duration_cast<Seconds>(*deadline);
}

constexpr Key<Engine> kEngineKeys[] = {
    {"carrier", [](const Value& value, Engine& into,
                   Errors& errors) { read_word(value, kCarriers, into.carrier, errors); }},
    {"connections",
     [](const Value& value, Engine& into, Errors& errors) {
       read_number(value, {1, 67'108'864}, into.connections, errors);
     }},
    {"nics",
     [](const Value& value, Engine& into, Errors& errors) {
       append_each(list_items(value, "a list of interface names", errors), read_interface_name,
                   into.nics, errors);
     }},
    {"workers",
     [](const Value& value, Engine& into, Errors& errors) {
       read_number(value, {1, 256}, into.workers, errors);
     }},
    {"spin",
     [](const Value& value, Engine& into, Errors& errors) {
       read_duration(value, {microseconds{0}, microseconds{1'000'000}}, into.spin, errors);
     }},
    {"new_flows_per_second",
     [](const Value& value, Engine& into, Errors& errors) {
       if (const auto number = read_integer(value, kCount, errors))
         into.new_flows_per_second = static_cast<std::uint32_t>(*number);
     }},
    {"answers_per_second",
     [](const Value& value, Engine& into, Errors& errors) {
       read_number(value, {0, 1'000'000}, into.answers_per_second, errors);
     }},
    {"on_remove", [](const Value& value, Engine& into,
                     Errors& errors) { read_on_remove(value, into.on_remove, errors); }},
};

std::optional<std::string> read_user_name(const Value& value, Errors& errors) {
  return read_text(value, "the name of a user", errors);
}

constexpr Key<Control> kControlKeys[] = {
    {"group",
     [](const Value& value, Control& into, Errors& errors) {
       if (auto name = read_text(value, "the name of a group", errors))
         into.group = *std::move(name);
     }},
    {"writers",
     [](const Value& value, Control& into, Errors& errors) {
       into.writers.clear();
       append_each(list_items(value, "a list of users", errors), read_user_name, into.writers,
                   errors);
     }},
};

constexpr Key<Metrics> kMetricsKeys[] = {
    {"listen",
     [](const Value& value, Metrics& into, Errors& errors) {
       if (value.kind == Kind::Text && value.text == "off") return;
       if (value.kind == Kind::Text && parse_endpoint(value.text))
         into.listen = value.text;
       else
         add_mismatch(value, R"("ADDRESS:PORT" or "off")", errors);
     }},
};

constexpr Key<LabSettings> kLabKeys[] = {
    {"clients",
     [](const Value& value, LabSettings& into, Errors& errors) {
       append_each(one_or_more(value, "an address", errors), read_interface_address, into.clients,
                   errors);
     }},
    {"routes_via",
     [](const Value& value, LabSettings& into, Errors& errors) {
       into.routes_via = read_text(value, "the name of a host", errors).value_or("");
     }},
};

}  // namespace

void read_marks(const Value& value, std::vector<MarkEntry>& into, Errors& errors) {
  if (value.kind != Kind::List)
    return add_mismatch(value, "[[mark]] tables", errors,
                        value.kind == Kind::Table ? "write [[mark]] with two brackets" : "");
  for (const Value& item : value.items) {
    MarkEntry& mark = into.emplace_back();
    mark.where = item.where;
    read_table(item, "a mark", kMarkKeys, mark, errors);
  }
}

void read_vrrp(const Value& value, std::optional<Vrrp>& into, Errors& errors) {
  into.emplace();
  read_table(value, "[vrrp]", kVrrpKeys, *into, errors);
}
void read_engine(const Value& value, Engine& into, Errors& errors) {
  read_table(value, "[engine]", kEngineKeys, into, errors);
}
void read_control(const Value& value, Control& into, Errors& errors) {
  read_table(value, "[control]", kControlKeys, into, errors);
}
void read_metrics(const Value& value, Metrics& into, Errors& errors) {
  read_table(value, "[metrics]", kMetricsKeys, into, errors);
}
void read_lab(const Value& value, LabSettings& into, Errors& errors) {
  read_table(value, "[lab]", kLabKeys, into, errors);
}

}  // namespace lvs::profiles::reading
