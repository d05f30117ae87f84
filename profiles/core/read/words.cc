#include "profiles/core/read/words.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "net/wire/addr_text.h"
#include "profiles/core/read/lines.h"

namespace lvs::profiles::reading {
namespace {

using std::chrono::microseconds;

struct Unit {
  std::string_view name;
  std::int64_t us;
};
/// The largest first: duration_text() takes the first that divides.
constexpr std::array kUnits{Unit{"d", 86'400'000'000}, Unit{"h", 3'600'000'000},
                            Unit{"m", 60'000'000},     Unit{"s", 1'000'000},
                            Unit{"ms", 1'000},         Unit{"us", 1}};
constexpr std::int64_t kMaxDurationUs = std::int64_t{36500} * 86'400'000'000;
constexpr std::size_t kMaxQuoted = 60;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

bool has_bad_part(std::string_view path) {
  while (true) {
    const std::size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    if (part.empty() || part == "." || part == "..") return true;
    if (end == std::string_view::npos) return false;
    path.remove_prefix(end + 1);
  }
}

bool is_sysctl_character(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '/' || c == '@';
}

}  // namespace

std::optional<std::int64_t> parse_number(std::string_view text) {
  if (text.empty() || text.size() > 18 || !std::all_of(text.begin(), text.end(), is_digit))
    return std::nullopt;
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::optional<microseconds> parse_duration(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::optional<std::int64_t> number = parse_number(text.substr(0, digits));
  const std::string_view name = text.substr(digits);
  const auto* unit = std::find_if(kUnits.begin(), kUnits.end(),
                                  [&](const Unit& candidate) { return candidate.name == name; });
  if (!number || unit == kUnits.end() || *number > kMaxDurationUs / unit->us) return std::nullopt;
  return microseconds{*number * unit->us};
}

std::string duration_text(microseconds length) {
  if (length.count() == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (length.count() % unit.us == 0)
      return std::to_string(length.count() / unit.us) + std::string{unit.name};
  }
  return "";
}

std::optional<PortRange> parse_port_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::int64_t> first = parse_number(text.substr(0, dash));
  const std::optional<std::int64_t> last =
      dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first > *last || *last > 65535) return std::nullopt;
  if (*first == 0 && *last != 0) return std::nullopt;  // 0 is every port, not the lowest
  return PortRange{Port{static_cast<std::uint16_t>(*first)},
                   Port{static_cast<std::uint16_t>(*last)}};
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::optional<std::int64_t> port = parse_number(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const bool fits = is_bracketed ? parse_ipv6(host).has_value()
                                 : parse_ipv4(host).has_value() || is_host_name(host);
  if (!fits) return std::nullopt;
  return Endpoint{std::string{host}, Port{static_cast<std::uint16_t>(*port)}};
}

bool is_host_name(std::string_view text) {
  const auto fits = [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), fits) &&
         text.front() != '-' && text.front() != '.' && !parse_ip(text);
}

bool is_interface_name(std::string_view text) {
  const auto fits = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f && c != '/' && c != ':';
  };
  return !text.empty() && text.size() <= kMaxInterfaceName && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), fits);
}

std::optional<std::string> parse_sysctl_name(std::string_view text) {
  std::string path{text};
  const std::size_t separator = path.find_first_of("./");
  if (separator != std::string::npos && path[separator] == '.') {
    for (char& c : path) c = c == '.' ? '/' : c == '/' ? '.' : c;
  }
  if (!path.starts_with("net/") || path.size() > 200 || has_bad_part(path)) return std::nullopt;
  if (!std::all_of(path.begin(), path.end(), is_sysctl_character)) return std::nullopt;
  return path;
}

std::string quote_text(std::string_view text) {
  std::size_t end = std::min(text.size(), kMaxQuoted);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u)
    --end;
  std::string shown = printable(text.substr(0, end));
  std::replace(shown.begin(), shown.end(), '\t', ' ');
  return "\"" + shown + (end < text.size() ? "…\"" : "\"");
}

}  // namespace lvs::profiles::reading
