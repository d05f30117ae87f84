#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "net/base/result.h"

namespace lvs {

/// A JSON value. Objects keep the order in which their members were put, so documents are printed
/// the same way each time. Numbers are 64-bit integers or doubles.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  Json() = default;  ///< null
  Json(bool value) : value_(value) {}
  Json(int value) : value_(std::int64_t{value}) {}
  Json(std::int64_t value) : value_(value) {}
  Json(std::uint64_t value) : value_(static_cast<std::int64_t>(value)) {}
  Json(std::uint32_t value) : value_(std::int64_t{value}) {}
  Json(double value) : value_(value) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(std::string_view text) : value_(std::string(text)) {}
  Json(std::string text) : value_(std::move(text)) {}
  Json(Array items) : value_(std::move(items)) {}

  static Json object(std::initializer_list<Member> members = {});
  /// No two of them may have the same name.
  static Json from_members(Object members);
  static Json array();

  /// Puts or replaces a member (makes an object of null).
  Json& set(std::string_view key, Json value);
  /// Appends to an array (makes an array of null).
  Json& push(Json value);

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  /// The member, or null when there is none or this is no object.
  const Json* find(std::string_view key) const;
  const Array* as_array() const { return std::get_if<Array>(&value_); }
  const Object* as_object() const { return std::get_if<Object>(&value_); }
  const std::string* as_string() const { return std::get_if<std::string>(&value_); }
  const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&value_); }
  const double* as_double() const { return std::get_if<double>(&value_); }
  const bool* as_bool() const { return std::get_if<bool>(&value_); }

  // Readers of required members: the error names the key and what was expected.
  Result<std::string> text_at(std::string_view key) const;
  Result<std::int64_t> int_at(std::string_view key) const;
  Result<bool> bool_at(std::string_view key) const;

  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

/// What is not UTF-8 in a text comes out as U+FFFD, and a number that JSON cannot say as null.
/// One line, no spaces between members.
std::string to_text(const Json& value);
/// Two spaces a level, a newline at the end: for people.
std::string to_pretty_text(const Json& value);

inline constexpr std::size_t kMaxJsonBytes = std::size_t{64} * 1024 * 1024;

/// The whole text as one value. Bounded: `max_depth` levels of nesting and kMaxJsonBytes; the error
/// names the offset. Of two members of one name the last counts; an integer over 64 bits (signed)
/// becomes a double.
Result<Json> parse_json(std::string_view text, std::size_t max_depth = 32);

}  // namespace lvs
