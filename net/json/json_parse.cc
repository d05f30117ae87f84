#include <exception>
#include <limits>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>

#include "net/json/json.h"

namespace lvs {
namespace {

// NOLINTNEXTLINE(misc-no-recursion): as deep as the parser was told to go
Json from_boost(const boost::json::value& from) {
  switch (from.kind()) {
    case boost::json::kind::bool_:
      return from.get_bool();
    case boost::json::kind::int64:
      return from.get_int64();
    case boost::json::kind::uint64:
      // Only numbers that are too large for the signed kind come as this one.
      return static_cast<double>(from.get_uint64());
    case boost::json::kind::double_:
      return from.get_double();
    case boost::json::kind::string:
      return std::string_view(from.get_string().data(), from.get_string().size());
    case boost::json::kind::array: {
      Json::Array items;
      for (const boost::json::value& item : from.get_array()) items.push_back(from_boost(item));
      return items;
    }
    case boost::json::kind::object: {
      // Boost keeps the order, and of two members of one name only the last.
      Json::Object members;
      for (const boost::json::key_value_pair& member : from.get_object())
        members.emplace_back(std::string(member.key().data(), member.key().size()),
                             from_boost(member.value()));
      return Json::from_members(std::move(members));
    }
    default:
      return {};
  }
}

}  // namespace

Result<Json> parse_json(std::string_view text, std::size_t max_depth) try {
  if (text.size() > kMaxJsonBytes)
    return fail("a JSON text of " + std::to_string(text.size()) + " bytes; at most " +
                std::to_string(kMaxJsonBytes) + " are read");
  boost::json::parse_options options;
  options.max_depth = max_depth;
  boost::json::parser parser({}, options);
  boost::json::error_code error;
  const std::size_t used = parser.write_some(text.data(), text.size(), error);
  if (error) return fail("not JSON at offset " + std::to_string(used) + ": " + error.message());
  const std::size_t rest = text.find_first_not_of(" \t\r\n", used);
  if (rest != std::string_view::npos)
    return fail("not JSON at offset " + std::to_string(rest) + ": more text after the value");
  return from_boost(parser.release());
} catch (const std::exception& problem) {
  return fail(std::string("not JSON: ") + problem.what());
}

}  // namespace lvs
