// The readers of scalar.h that deal with addresses.

#include "net/wire/addr_text.h"
#include "profiles/core/read/scalar.h"

namespace lvs::profiles::reading {
namespace {

std::optional<Prefix> prefix_in(const Value& value) {
  return value.kind == Kind::Text ? parse_prefix(value.text) : std::nullopt;
}
std::optional<IpAddr> address_in(const Value& value) {
  return value.kind == Kind::Text ? parse_ip(value.text) : std::nullopt;
}

std::string with_slash(std::uint8_t length) { return "/" + std::to_string(length); }

/// Why no host can have this address as its own; null when it can.
const char* why_not_a_host(const IpAddr& address) {
  if (address == IpAddr{Ipv4Addr{}} || address == IpAddr{Ipv6Addr{}})
    return "the unspecified address";
  if (address.is_v4()) {
    const std::uint32_t first = address.v4().number() >> 24;
    if (first == 127) return "a loopback address";
    if (first >= 224 && first < 240) return "a multicast address";
    if (first >= 240 || first == 0) return "not a host's address";
    return nullptr;
  }
  if (address.v6().octets()[0] == 0xff) return "a multicast address";
  std::array<std::uint8_t, 16> loopback{};
  loopback[15] = 1;
  return address.v6() == Ipv6Addr{loopback} ? "a loopback address" : nullptr;
}

/// RFC 919 and RFC 3021: the lowest and the highest address of an IPv4 network are not hosts'.
const char* why_not_in_network(const Prefix& prefix) {
  if (!prefix.addr.is_v4() || prefix.length >= 31) return nullptr;
  const std::uint32_t host_bits = 0xffffffffu >> prefix.length;
  const std::uint32_t host = prefix.addr.v4().number() & host_bits;
  if (host == 0) return "the network itself, not a host in it";
  return host == host_bits ? "the network's broadcast address" : nullptr;
}

}  // namespace

std::optional<IpAddr> read_address(const Value& value, Errors& errors) {
  const std::optional<IpAddr> address = address_in(value);
  if (!address) {
    std::string hint;
    if (const auto prefix = prefix_in(value))
      hint = "without the prefix: \"" + to_string(prefix->addr) + "\"";
    add_mismatch(value, "an address", errors, std::move(hint));
    return std::nullopt;
  }
  if (const char* why = why_not_a_host(*address)) {
    add_mismatch(value, "the address of a host", errors, "this is " + std::string{why});
    return std::nullopt;
  }
  return address;
}

std::optional<IpAddr> read_vip(const Value& value, Errors& errors) {
  const std::optional<Prefix> prefix = prefix_in(value);
  if (!prefix) return read_address(value, errors);
  if (prefix->length == prefix->addr.bits()) {
    if (why_not_a_host(prefix->addr) == nullptr) return prefix->addr;
    add_mismatch(value, "the address of a host", errors);
    return std::nullopt;
  }
  add_mismatch(value, "a VIP with " + with_slash(prefix->addr.bits()) + " or no prefix", errors,
               "a shorter prefix would make the host answer for the whole network: write \"" +
                   to_string(prefix->addr) + "\"");
  return std::nullopt;
}

std::optional<Prefix> read_interface_address(const Value& value, Errors& errors) {
  const std::optional<Prefix> prefix = prefix_in(value);
  if (!prefix) {
    std::string hint;
    if (const auto address = address_in(value))
      hint = "with the network's prefix length: \"" + to_string(*address) +
             (address->is_v4() ? "/24\"" : "/64\"");
    add_mismatch(value, "an address with its prefix length like \"192.168.1.91/24\"", errors,
                 std::move(hint));
    return std::nullopt;
  }
  const char* why = why_not_a_host(prefix->addr);
  if (why == nullptr) why = why_not_in_network(*prefix);
  if (why == nullptr) return prefix;
  add_mismatch(value, "the address of a host", errors, "this is " + std::string{why});
  return std::nullopt;
}

std::optional<Prefix> read_network(const Value& value, Errors& errors) {
  const std::optional<Prefix> prefix = prefix_in(value);
  if (prefix && prefix->network() == *prefix) return prefix;
  add_mismatch(value, "a network like \"192.168.1.0/24\"", errors,
               prefix ? "the network is \"" + to_string(prefix->network()) + "\"" : "");
  return std::nullopt;
}

std::optional<MacAddr> read_mac(const Value& value, Errors& errors) {
  const std::optional<MacAddr> mac =
      value.kind == Kind::Text ? parse_mac(value.text) : std::nullopt;
  if (!mac) add_mismatch(value, "a MAC address like \"02:00:00:00:00:01\"", errors);
  return mac;
}

}  // namespace lvs::profiles::reading
