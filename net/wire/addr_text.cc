#include "net/wire/addr_text.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "net/wire/bytes.h"

namespace lvs {
namespace {

constexpr std::size_t kGroups = 8;
constexpr std::string_view kDigits = "0123456789abcdef";
using Groups = std::array<std::uint16_t, kGroups>;

std::string hex(unsigned value, std::size_t width) {
  std::string text;
  for (; value != 0 || text.size() < width; value >>= 4)
    text.insert(text.begin(), kDigits[value & 15u]);
  return text;
}

/// A number written in full: no sign, no space, at most `most`.
std::optional<unsigned> parse_number(std::string_view text, int base, unsigned most) {
  if (text.empty() || text.front() == '-' || text.front() == '+') return std::nullopt;
  unsigned value = 0;
  const char* const end = text.data() + text.size();
  const std::from_chars_result read = std::from_chars(text.data(), end, value, base);
  if (read.ec != std::errc{} || read.ptr != end || value > most) return std::nullopt;
  return value;
}

std::optional<unsigned> parse_decimal(std::string_view text, unsigned most) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;  // octal to some readers
  return parse_number(text, 10, most);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

/// Groups of hexadecimal digits between single colons; the last may be a dotted IPv4 address where
/// `dotted_last` allows it. Nothing for an empty text.
std::optional<std::vector<std::uint16_t>> parse_groups(std::string_view text, bool dotted_last) {
  std::vector<std::uint16_t> groups;
  if (text.empty()) return groups;
  const std::vector<std::string_view> parts = split(text, ':');
  if (parts.size() > kGroups) return std::nullopt;
  for (const std::string_view& part : parts) {
    const bool last = &part == &parts.back();
    if (last && dotted_last && part.find('.') != std::string_view::npos) {
      const std::optional<Ipv4Addr> tail = parse_ipv4(part);
      if (!tail) return std::nullopt;
      groups.push_back(static_cast<std::uint16_t>(tail->number() >> 16));
      groups.push_back(static_cast<std::uint16_t>(tail->number() & 0xffff));
      continue;
    }
    const std::optional<unsigned> group =
        part.size() > 4 ? std::nullopt : parse_number(part, 16, 0xffff);
    if (!group) return std::nullopt;
    groups.push_back(static_cast<std::uint16_t>(*group));
  }
  return groups;
}

struct Run {
  std::size_t start = 0;
  std::size_t length = 0;
};

/// The first of the longest runs of zero groups (RFC 5952, 4.2.3).
Run longest_zero_run(const Groups& groups) {
  Run best;
  Run present;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] != 0) {
      present = {};
      continue;
    }
    if (present.length == 0) present.start = i;
    if (++present.length > best.length) best = present;
  }
  return best;
}

std::string join_groups(std::span<const std::uint16_t> groups) {
  std::string text;
  for (const std::uint16_t group : groups) {
    if (!text.empty()) text += ':';
    text += hex(group, 1);
  }
  return text;
}

}  // namespace

std::string to_string(Ipv4Addr addr) {
  const std::uint32_t n = addr.number();
  return std::to_string(n >> 24) + '.' + std::to_string(n >> 16 & 255) + '.' +
         std::to_string(n >> 8 & 255) + '.' + std::to_string(n & 255);
}

std::string to_string(const Ipv6Addr& addr) {
  Groups groups{};
  for (std::size_t i = 0; i < kGroups; ++i) groups[i] = wire::load_be16(addr.octets(), 2 * i);

  const Run zeros = longest_zero_run(groups);
  const std::span<const std::uint16_t> all{groups};
  if (zeros.length < 2) return join_groups(all);  // RFC 5952, 4.2.2: not for a single group
  return join_groups(all.first(zeros.start)) +
         "::" + join_groups(all.subspan(zeros.start + zeros.length));
}

std::string to_string(const IpAddr& addr) {
  return addr.is_v4() ? to_string(addr.v4()) : to_string(addr.v6());
}

std::string to_string(const Prefix& prefix) {
  return to_string(prefix.addr) + '/' + std::to_string(prefix.length);
}

std::string to_string(const MacAddr& mac) {
  std::string text;
  for (const std::uint8_t octet : mac.octets()) {
    if (!text.empty()) text += ':';
    text += hex(octet, 2);
  }
  return text;
}

std::string to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::Icmp:
      return "icmp";
    case Protocol::IpIp:
      return "ipip";
    case Protocol::Tcp:
      return "tcp";
    case Protocol::Udp:
      return "udp";
    case Protocol::Ipv6:
      return "ipv6";
    case Protocol::Gre:
      return "gre";
    case Protocol::Icmpv6:
      return "icmpv6";
    case Protocol::Vrrp:
      return "vrrp";
    case Protocol::Sctp:
      return "sctp";
  }
  return std::to_string(static_cast<unsigned>(protocol));
}

std::optional<Ipv4Addr> parse_ipv4(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  std::uint32_t number = 0;
  for (const std::string_view part : parts) {
    const std::optional<unsigned> octet = parse_decimal(part, 255);
    if (!octet) return std::nullopt;
    number = number << 8 | *octet;
  }
  return Ipv4Addr{number};
}

std::optional<Ipv6Addr> parse_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  const bool has_gap = gap != std::string_view::npos;
  const auto front = parse_groups(text.substr(0, gap), !has_gap);
  const auto back = parse_groups(has_gap ? text.substr(gap + 2) : std::string_view{}, true);
  if (!front || !back) return std::nullopt;

  const std::size_t written = front->size() + back->size();
  if (has_gap ? written >= kGroups : written != kGroups) return std::nullopt;

  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < front->size(); ++i) wire::store_be16(octets, 2 * i, (*front)[i]);
  const std::size_t tail = kGroups - back->size();
  for (std::size_t i = 0; i < back->size(); ++i)
    wire::store_be16(octets, 2 * (tail + i), (*back)[i]);
  return Ipv6Addr{octets};
}

std::optional<IpAddr> parse_ip(std::string_view text) {
  if (const std::optional<Ipv4Addr> v4 = parse_ipv4(text)) return *v4;
  if (const std::optional<Ipv6Addr> v6 = parse_ipv6(text)) return *v6;
  return std::nullopt;
}

std::optional<Prefix> parse_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<IpAddr> addr = parse_ip(text.substr(0, slash));
  if (!addr) return std::nullopt;
  const std::optional<unsigned> length = parse_decimal(text.substr(slash + 1), addr->bits());
  if (!length) return std::nullopt;
  return Prefix{*addr, static_cast<std::uint8_t>(*length)};
}

std::optional<MacAddr> parse_mac(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, ':');
  std::array<std::uint8_t, 6> octets{};
  if (parts.size() != octets.size()) return std::nullopt;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::optional<unsigned> octet =
        parts[i].size() != 2 ? std::nullopt : parse_number(parts[i], 16, 255);
    if (!octet) return std::nullopt;
    octets[i] = static_cast<std::uint8_t>(*octet);
  }
  return MacAddr{octets};
}

}  // namespace lvs
