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

/// The length of the UTF-8 sequence at the start of `text` (RFC 3629: no surrogates, nothing over
/// U+10FFFF, nothing longer than needed); 0 when there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&](std::size_t i, unsigned from = 0x80, unsigned to = 0xbf) {
    return byte(i) >= from && byte(i) <= to;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool second = follows(1, first == 0xe0 ? 0xa0 : 0x80, first == 0xed ? 0x9f : 0xbf);
    return second && follows(2) ? 3 : 0;
  }
  if (first < 0xf0 || first > 0xf4) return 0;
  const bool second = follows(1, first == 0xf0 ? 0x90 : 0x80, first == 0xf4 ? 0x8f : 0xbf);
  return second && follows(2) && follows(3) ? 4 : 0;
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
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
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
  constexpr std::size_t kIndent = 2;
  Writer writer(kIndent);
  writer.write(value);
  return writer.take() + '\n';
}

}  // namespace lvs
