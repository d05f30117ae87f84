#include <algorithm>
#include <vector>

#include "director/io/listing.h"

namespace lvs::director {
namespace {

using Row = std::vector<std::string>;

/// A member as text; "-" where there is none.
std::string text(const Json& object, std::string_view key) {
  const Json* const member = object.find(key);
  if (member == nullptr) return "-";
  if (const std::string* string = member->as_string()) return *string;
  if (const std::int64_t* number = member->as_int()) return std::to_string(*number);
  return "-";
}

const Json::Array& items(const Json& object, std::string_view key) {
  static const Json::Array none;
  const Json* const member = object.find(key);
  return member != nullptr && member->as_array() != nullptr ? *member->as_array() : none;
}

bool is_number(const std::string& cell) {
  return !cell.empty() && std::ranges::all_of(cell, [](char c) { return c >= '0' && c <= '9'; });
}

/// Columns as wide as their widest cell, numbers to the right; the first row is the heading.
std::string table(const std::vector<Row>& rows, const std::string& indent) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == widths.size()) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  std::string out;
  for (const Row& row : rows) {
    std::string line = indent;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      const bool right = is_number(rows.back().at(i));
      line += (i > 0 ? "  " : "") + (right ? padding + row[i] : row[i] + padding);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

/// "tcp 192.168.1.99:80", "mark 1".
std::string identity_text(const Json& service) {
  const std::string vip = text(service, "vip");
  const bool is_v6 = vip.find(':') != std::string::npos;
  if (service.find("mark") != nullptr)
    return "mark " + text(service, "mark") + (is_v6 ? " IPv6" : "");
  return text(service, "protocol") + " " + (is_v6 ? "[" + vip + "]" : vip) + ":" +
         text(service, "port");
}

std::string services_text(const Json& state) {
  std::string out;
  for (const Json& service : items(state, "services")) {
    out += identity_text(service) + "  " + text(service, "scheduler") + "  (" +
           text(service, "name") + ")\n";
    std::vector<Row> rows{{"server", "address", "method", "weight", "active", "inactive", "conns",
                           "packets", "bytes", "next hop"}};
    for (const Json& server : items(service, "servers"))
      rows.push_back({text(server, "name"), text(server, "address"), text(server, "method"),
                      text(server, "weight"), text(server, "active"), text(server, "inactive"),
                      text(server, "connections"), text(server, "packets"), text(server, "bytes"),
                      text(server, "next_hop")});
    out += table(rows, "  ") + "\n";
  }
  return out;
}

std::string connections_text(const Json& connections) {
  if (connections.as_array() == nullptr) return {};
  std::vector<Row> rows{{"protocol", "expires", "state", "client", "vip", "server"}};
  for (const Json& connection : *connections.as_array())
    rows.push_back({text(connection, "protocol"), text(connection, "expires_s") + " s",
                    text(connection, "state"), text(connection, "client"), text(connection, "vip"),
                    text(connection, "server")});
  return table(rows, "") + "\n";
}

/// The reasons that did occur: a column of zeros tells nobody anything.
std::string dropped_text(const Json& counters) {
  const Json* const dropped = counters.find("dropped");
  std::string reasons;
  if (dropped != nullptr && dropped->as_object() != nullptr)
    for (const auto& [reason, count] : *dropped->as_object())
      if (count.as_int() != nullptr && *count.as_int() != 0)
        reasons += (reasons.empty() ? "" : ", ") + reason + " " + std::to_string(*count.as_int());
  return reasons.empty() ? "" : " (" + reasons + ")";
}

std::string counters_text(const Json& state) {
  const Json* const found = state.find("counters");
  const Json counters = found == nullptr ? Json() : *found;
  std::string out = "frames: received " + text(counters, "received");
  for (const char* const verdict : {"forward", "local", "kernel", "answer", "drop"})
    out += std::string(" · ") + verdict + " " + text(counters, verdict);
  return out + dropped_text(counters) + " · waiting " + text(state, "waiting") + "\n";
}

/// Nothing, where nobody came for FTP through `nat`.
std::string ftp_text(const Json& state) {
  const Json* const found = state.find("ftp");
  if (found == nullptr) return {};
  const bool is_used = text(*found, "sessions") != "0" || text(*found, "sessions_refused") != "0";
  if (!is_used) return {};
  return "ftp through nat: sessions " + text(*found, "sessions") + " (refused " +
         text(*found, "sessions_refused") + ") · data expected " + text(*found, "data_expected") +
         " (refused " + text(*found, "data_refused") + ", foreign " + text(*found, "foreign") +
         ") · rewritten " + text(*found, "rewritten") + " (not " + text(*found, "not_rewritten") +
         ")\n";
}

std::string nics_text(const Json& state) {
  std::string out = "carrier: " + text(state, "carrier");
  for (const Json& nic : items(state, "nics")) {
    const Json* const open = nic.find("open");
    const bool is_open = open != nullptr && open->as_bool() != nullptr && *open->as_bool();
    out += " · " + text(nic, "name") + (is_open ? "" : " (gone)") + " lost " + text(nic, "lost");
    if (text(nic, "filter") == "rough") out += " (rough filter)";
  }
  return out + "\n";
}

std::string warnings_text(const Json& state) {
  std::string out;
  for (const Json& warning : items(state, "warnings"))
    if (const std::string* said = warning.as_string()) out += "warning: " + *said + "\n";
  return out;
}

}  // namespace

std::string listing_text(const Json& state, const Json& connections) {
  return "director " + text(state, "host") + " of " + text(state, "profile") + ", pid " +
         text(state, "pid") + ", up " + text(state, "uptime_s") + " s\n\n" + services_text(state) +
         connections_text(connections) + "connections: " + text(state, "connections") + "\n" +
         counters_text(state) + ftp_text(state) + nics_text(state) + warnings_text(state);
}

}  // namespace lvs::director
