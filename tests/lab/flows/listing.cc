#include "tests/lab/flows/listing.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace lvs::test {
namespace {

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string text_of(const Json& object, const char* key) {
  auto text = object.text_at(key);
  return text ? *std::move(text) : std::string{};
}
long number_of(const Json& object, const char* key) {
  return static_cast<long>(object.int_at(key).value_or(-1));
}

const Json::Array& items_of(const Json& object, const char* key) {
  static const Json::Array kNone;
  const Json* const items = object.find(key);
  return items == nullptr || items->as_array() == nullptr ? kNone : *items->as_array();
}

std::string bracketed(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string service_of(const Json& service) {
  return upper(text_of(service, "protocol")) + " " + bracketed(text_of(service, "vip")) + ":" +
         std::to_string(number_of(service, "port"));
}

/// The shortest of IPVS's timeouts that has so much left.
int timeout_of(const ListedConnection& connection) {
  constexpr std::array kTimeouts{10, 60, 120, 300, 900};
  const auto* const found = std::ranges::lower_bound(kTimeouts, connection.expires_s);
  return found == kTimeouts.end() ? connection.expires_s : *found;
}

std::string line_of(const ListedConnection& connection) {
  return connection.protocol + " " + connection.state + " of " +
         std::to_string(timeout_of(connection)) + " s " + connection.client + " " + connection.vip +
         " " + connection.server;
}

}  // namespace

std::vector<ListedConnection> connections_of(const Json& listed, const std::string& vip) {
  std::vector<ListedConnection> found;
  for (const Json& one : items_of(listed, "connection_list")) {
    const std::string own = text_of(one, "vip");
    if (own.rfind(bracketed(vip) + ":", 0) != 0) continue;
    found.push_back({upper(text_of(one, "protocol")), static_cast<int>(number_of(one, "expires_s")),
                     text_of(one, "state"), text_of(one, "client"), own, text_of(one, "server")});
  }
  return found;
}

std::map<std::string, std::pair<long, long>> counts_of(const Json& listed,
                                                       const std::string& service) {
  std::map<std::string, std::pair<long, long>> counts;
  for (const Json& one : items_of(listed, "services"))
    if (service_of(one) == service)
      for (const Json& server : items_of(one, "servers"))
        counts[text_of(server, "address")] = {number_of(server, "active"),
                                              number_of(server, "inactive")};
  return counts;
}

std::map<std::string, Figures> figures_of(const Json& listed, const std::string& vip) {
  std::map<std::string, Figures> figures;
  for (const Json& one : items_of(listed, "services")) {
    if (text_of(one, "vip") != vip) continue;
    for (const Json& server : items_of(one, "servers"))
      figures[service_of(one) + " " + text_of(server, "address")] = {
          number_of(server, "connections"), number_of(server, "packets"),
          number_of(server, "bytes"), number_of(server, "packets_out"),
          number_of(server, "bytes_out")};
  }
  return figures;
}

std::string difference(const std::vector<ListedConnection>& recorded,
                       const std::vector<ListedConnection>& ours) {
  std::multiset<std::string> here;
  for (const ListedConnection& one : ours) here.insert(line_of(one));
  std::string text;
  for (const ListedConnection& one : recorded) {
    const auto found = here.find(line_of(one));
    if (found != here.end())
      here.erase(found);
    else if (one.state != "CLOSE" || one.expires_s >= 9)
      text += "  only recorded: " + line_of(one) + "\n";
  }
  for (const std::string& line : here) text += "  only here: " + line + "\n";
  return text;
}

}  // namespace lvs::test
