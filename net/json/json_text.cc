#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "net/base/overload.h"
#include "net/json/json.h"

// The texts are written here, because Boost.JSON has no form for people, and prints 1.5 as 1.5E0.

namespace lvs {
namespace {

/// How many bytes a UTF-8 sequence has that begins with `first`; 0: none begins so (RFC 3629).
std::size_t sequence_length(unsigned first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

struct ByteRange {
  unsigned lowest = 0x80;
  unsigned highest = 0xbf;
  bool has(char c) const {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= lowest && byte <= highest;
  }
};

/// The second byte decides whether a sequence is longer than needed, a surrogate, or over U+10FFFF.
ByteRange second_bytes(unsigned first) {
  switch (first) {
    case 0xe0:
      return {0xa0, 0xbf};
    case 0xed:
      return {0x80, 0x9f};
    case 0xf0:
      return {0x90, 0xbf};
    case 0xf4:
      return {0x80, 0x8f};
    default:
      return {};
  }
}

/// The length of the UTF-8 sequence at the start of `text`, which is not empty; 0 when there is
/// none.
std::size_t utf8_length(std::string_view text) {
  const unsigned first = static_cast<unsigned char>(text[0]);
  const std::size_t length = sequence_length(first);
  if (length < 2) return length;
  if (text.size() < length || !second_bytes(first).has(text[1])) return 0;
  for (const char c : text.substr(2, length - 2))
    if (!ByteRange{}.has(c)) return 0;
  return length;
}

/// What a foreign host sent may be no UTF-8, and JSON must be: each wrong byte becomes U+FFFD.
std::string clean_utf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0)
      clean += "\xef\xbf\xbd";
    else
      clean += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return clean;
}

/// `indent` is the spaces of a level; 0: everything on one line.
class Writer {
 public:
  explicit Writer(std::size_t indent) : indent_(indent) {}

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the value that our own code made
  void write(const Json& value) {
    if (const auto* items = value.as_array()) return write_array(*items);
    if (const auto* members = value.as_object()) return write_object(*members);
    if (const auto* text = value.as_string()) return write_text(*text);
    if (const auto* number = value.as_int()) return append(std::to_string(*number));
    if (const auto* number = value.as_double()) return write_double(*number);
    if (const auto* truth = value.as_bool()) return append(*truth ? "true" : "false");
    append("null");
  }

  std::string take() { return std::move(out_); }

 private:
  void append(std::string_view text) { out_ += text; }

  void write_text(std::string_view text) {
    const std::string clean = clean_utf8(text);
    append(boost::json::serialize(boost::json::string_view(clean.data(), clean.size())));
  }

  /// The shortest text that reads back as the same number. JSON has no infinity.
  void write_double(double number) {
    if (!std::isfinite(number)) return append("null");
    std::array<char, 64> text{};
    auto* const end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
    append(digits);
    // Otherwise it would be read back as an integer.
    if (digits.find_first_of(".e") == std::string_view::npos) append(".0");
  }

  // NOLINTNEXTLINE(misc-no-recursion): see write()
  void write_array(const Json::Array& items) {
    open('[');
    for (std::size_t i = 0; i < items.size(); ++i) {
      next_line(i != 0);
      write(items[i]);
    }
    close(']', items.empty());
  }

  // NOLINTNEXTLINE(misc-no-recursion): see write()
  void write_object(const Json::Object& members) {
    open('{');
    for (std::size_t i = 0; i < members.size(); ++i) {
      next_line(i != 0);
      write_text(members[i].first);
      append(indent_ == 0 ? ":" : ": ");
      write(members[i].second);
    }
    close('}', members.empty());
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void next_line(bool comma) {
    if (comma) out_ += ',';
    break_line();
  }
  void close(char bracket, bool empty) {
    --depth_;
    if (!empty) break_line();
    out_ += bracket;
  }
  void break_line() {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(depth_ * indent_, ' ');
  }

  std::size_t indent_;
  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

std::string to_text(const Json& value) {
  Writer writer(0);
  writer.write(value);
  return writer.take();
}

std::string to_pretty_text(const Json& value) {
  constexpr std::size_t indent = 2;
  Writer writer(indent);
  writer.write(value);
  return writer.take() + '\n';
}

}  // namespace lvs
