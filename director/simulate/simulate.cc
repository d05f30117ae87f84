#include "director/simulate/simulate.h"

#include <string>

#include "director/simulate/record.h"
#include "net/json/json.h"

namespace lvs::director::simulate {
namespace {

Result<Json> play(const Json& line, const ipvsadm::Names& names) {
  LVS_TRY(const Record record, read_record(line));
  return answer(record, names);
}

/// "id" comes first, whatever follows.
Json with_id(const Json& id, const Json& rest) {
  Json line = Json::object({{"id", id}});
  for (const auto& [key, value] : *rest.as_object()) line.set(key, value);
  return line;
}

Json error_line(const Json& id, const Error& error) {
  return Json::object({{"id", id}, {"error", error.what}});
}

}  // namespace

bool simulate_lines(std::istream& in, std::ostream& out, const ipvsadm::Names& names) {
  bool all_played = true;
  for (std::string text; std::getline(in, text);) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const Result<Json> line = parse_json(text);
    const Json* const found = line ? line->find("id") : nullptr;
    const Json id = found == nullptr ? Json{} : *found;
    const Result<Json> played = line ? play(*line, names) : line;
    all_played = all_played && played;
    out << to_text(played ? with_id(id, *played) : error_line(id, played.error())) << std::endl;
  }
  return all_played;
}

}  // namespace lvs::director::simulate
