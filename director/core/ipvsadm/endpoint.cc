#include "director/core/ipvsadm/endpoint.h"

#include "director/core/ipvsadm/numbers.h"
#include "net/wire/addr_text.h"

namespace lvs::director::ipvsadm {
namespace {

std::optional<Port> parse_port(std::string_view text, Protocol protocol, const Names& names) {
  if (const auto number = parse_number(text, kPortRange))
    return Port{static_cast<std::uint16_t>(*number)};
  return names.port ? names.port(text, protocol) : std::nullopt;
}

std::optional<IpAddr> parse_host(std::string_view text, const Names& names) {
  if (const auto address = parse_ip(text)) return address;
  return names.host && !text.empty() ? names.host(text) : std::nullopt;
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text, Protocol protocol,
                                       const Names& names) {
  if (const auto address = parse_ip(text)) return Endpoint{*address, std::nullopt};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    const auto host = parse_host(text, names);
    if (!host) return std::nullopt;
    return Endpoint{*host, std::nullopt};
  }
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = parse_host(host, names);
  const auto port = parse_port(text.substr(colon + 1), protocol, names);
  const bool is_ipv6_literal = host.find(':') != std::string_view::npos;
  if (!address || !port || bracketed != is_ipv6_literal) return std::nullopt;
  return Endpoint{*address, *port};
}

}  // namespace lvs::director::ipvsadm
