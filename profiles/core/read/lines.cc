#include "profiles/core/read/lines.h"

#include <algorithm>

namespace lvs::profiles::reading {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0u) == 0x80u; }

/// True for second bytes that RFC 3629 forbids behind this first one: another form is shorter, half
/// of a surrogate pair, above U+10FFFF. C1 controls are left out too: terminals obey them.
bool is_forbidden(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xc2:
    case 0xe0:
      return second < 0xa0u;
    case 0xed:
      return second > 0x9fu;
    case 0xf0:
      return second < 0x90u;
    case 0xf4:
      return second > 0x8fu;
    default:
      return false;
  }
}

/// The length of the character at the front if it is well-formed UTF-8 (RFC 3629), else 0.
std::size_t character_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80u) return 1;
  if (lead < 0xc2u || lead > 0xf4u) return 0;
  const std::size_t length = lead < 0xe0u ? 2 : lead < 0xf0u ? 3 : 4;
  if (text.size() < length) return 0;
  if (!std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length), continues))
    return 0;
  return is_forbidden(lead, static_cast<unsigned char>(text[1])) ? 0 : length;
}

}  // namespace

Lines::Lines(std::string_view text) {
  while (true) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines_.push_back(line);
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

Where Lines::clamp(Where where) const {
  const auto last = static_cast<std::uint32_t>(lines_.size());
  const std::uint32_t number = std::clamp(where.line, 1u, last);
  const auto end = static_cast<std::uint32_t>(count_characters(line(number)) + 1);
  return {number, std::clamp(where.column, 1u, end)};
}

std::string_view Lines::line(std::uint32_t number) const {
  if (number == 0 || number > lines_.size()) return {};
  return lines_[number - 1];
}

std::string Lines::shown(std::uint32_t number) const {
  const std::string_view bytes = line(number);
  return bytes.size() > kMaxShownLine ? std::string{} : printable(bytes);
}

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::size_t byte_of_column(std::string_view text, std::uint32_t column) {
  std::uint32_t seen = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!continues(text[at]) && ++seen == column) return at;
  }
  return text.size();
}

std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool is_control = (first < 0x20u && first != '\t') || first == 0x7fu;
    if (length == 0 || is_control)
      shown += '?';
    else
      shown += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return shown;
}

}  // namespace lvs::profiles::reading
