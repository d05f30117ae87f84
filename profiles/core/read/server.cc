#include "net/wire/addr_text.h"
#include "profiles/core/read/scalar.h"
#include "profiles/core/read/sections.h"
#include "profiles/core/read/table.h"

namespace lvs::profiles::reading {
namespace {

constexpr IntegerRange kPort{1, 65535};
constexpr IntegerRange kWeight{0, 65535};          // ipvsadm -w
constexpr IntegerRange kThreshold{0, 2147483647};  // ipvsadm -x and -y

void read_host_name(const Value& value, ServerEntry& into, Errors& errors) {
  if (auto name = read_text(value, "the name of a host of this file", errors))
    into.host = *std::move(name);
}

constexpr Key<ServerEntry> kKeys[] = {
    {"host", read_host_name},
    {"address", [](const Value& value, ServerEntry& into,
                   Errors& errors) { into.address = read_address(value, errors); }},
    {"port",
     [](const Value& value, ServerEntry& into, Errors& errors) {
       if (const auto number = read_integer(value, kPort, errors))
         into.port = Port{static_cast<std::uint16_t>(*number)};
     }},
    {"weight", [](const Value& value, ServerEntry& into,
                  Errors& errors) { read_number(value, kWeight, into.weight, errors); }},
    {"upper", [](const Value& value, ServerEntry& into,
                 Errors& errors) { read_number(value, kThreshold, into.upper, errors); }},
    {"lower", [](const Value& value, ServerEntry& into,
                 Errors& errors) { read_number(value, kThreshold, into.lower, errors); }},
    {"method",
     [](const Value& value, ServerEntry& into, Errors& errors) {
       Method method{};
       const std::size_t before = errors.count();
       read_method(value, method, errors);
       if (errors.count() == before) into.method = method;
     }},
};

/// A server is written as text where nothing but its host or address is said.
void read_short_form(const Value& value, ServerEntry& into, Errors& errors) {
  if (parse_ip(value.text))
    into.address = read_address(value, errors);
  else
    read_host_name(value, into, errors);
}

}  // namespace

std::optional<ServerEntry> read_server(const Value& value, Errors& errors) {
  ServerEntry server;
  server.where = value.where;
  if (value.kind == Kind::Text) {
    read_short_form(value, server, errors);
    return server;
  }
  if (value.kind != Kind::Table) {
    add_mismatch(value, "a host's name or a table like { host = \"rs1\", weight = 2 }", errors);
    return std::nullopt;
  }
  read_table(value, "a server", kKeys, server, errors);
  const Member* host = value.find("host");
  const Member* address = value.find("address");
  if (host == nullptr && address == nullptr)
    errors.add(value.where, "a server needs `host`, a host of this file, or `address`");
  if (host != nullptr && address != nullptr)
    errors.add(address->where, "a server has `host` or `address`, not both",
               "the address of a host is said in its [host." + printable(host->value.text) + "]");
  return server;
}

}  // namespace lvs::profiles::reading
