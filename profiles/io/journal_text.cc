#include "profiles/io/journal_text.h"

#include "net/base/overload.h"
#include "net/json/json.h"
#include "profiles/io/step_json.h"

namespace lvs::profiles {
namespace {

Json to_json(const JournalHeader& header) {
  return Json::object({{"schema", header.schema},
                       {"program", header.program},
                       {"profile", header.profile},
                       {"host", header.host},
                       {"boot_id", header.boot_id},
                       {"namespace", Json::object({{"inode", header.namespace_inode},
                                                   {"cookie", header.namespace_cookie}})}});
}

Json to_json(const Intent& intent) {
  Json json = Json::object({{"intent", intent.number}, {"step", to_json(intent.step)}});
  if (intent.kind == IntentKind::Drop) json.set("drop", true);
  if (intent.record_only) json.set("record_only", true);
  return json;
}

Json to_json(const Undone& undone) {
  Json json = Json::object({{"undone", undone.number}});
  if (!undone.left.empty()) json.set("left", undone.left);
  return json;
}

Json to_json(const SysctlWants& wants) {
  Json json = Json::object();
  for (const auto& [key, values] : wants) {
    Json list = Json::array();
    for (const std::string& value : values) list.push(value);
    json.set(key, list);
  }
  return json;
}

Json to_json(const Complete& complete) {
  return Json::object(
      {{"complete", true}, {"for_run", complete.for_run}, {"wants", to_json(complete.wants)}});
}

Json to_json(const Armed& armed) {
  return Json::object({{"armed", armed.window_ms},
                       {"guard", Json::object({{"pid", armed.guard.pid},
                                               {"start_time", armed.guard.start_time}})}});
}

Json to_json(const Awaiting& awaiting) {
  return Json::object({{"awaiting", awaiting.deadline_ms}, {"wants", to_json(awaiting.wants)}});
}

Json to_json(const Disarmed& disarmed) { return Json::object({{"disarmed", disarmed.why}}); }

Result<std::uint64_t> number_at(const Json& json, std::string_view key) {
  LVS_TRY(const std::int64_t number, json.int_at(key));
  return static_cast<std::uint64_t>(number);
}

bool flag_at(const Json& json, std::string_view key) {
  const Json* member = json.find(key);
  return member != nullptr && member->as_bool() != nullptr && *member->as_bool();
}

Result<JournalRecord> header_from(const Json& json) {
  JournalHeader header;
  LVS_TRY(header.schema, json.int_at("schema"));
  if (header.schema > kJournalSchema) {
    return fail("the journal has schema " + std::to_string(header.schema) +
                ", this program knows up to " + std::to_string(kJournalSchema) +
                ": use the program that wrote it");
  }
  LVS_TRY(header.program, json.text_at("program"));
  LVS_TRY(header.profile, json.text_at("profile"));
  LVS_TRY(header.host, json.text_at("host"));
  LVS_TRY(header.boot_id, json.text_at("boot_id"));
  const Json* space = json.find("namespace");
  if (space == nullptr) return fail("`namespace` is missing");
  LVS_TRY(header.namespace_inode, number_at(*space, "inode"));
  LVS_TRY(header.namespace_cookie, number_at(*space, "cookie"));
  return JournalRecord{header};
}

Result<JournalRecord> intent_from(const Json& json) {
  Intent intent;
  LVS_TRY(intent.number, number_at(json, "intent"));
  const Json* step = json.find("step");
  if (step == nullptr) return fail("`step` is missing");
  LVS_TRY(intent.step, step_from_json(*step));
  if (flag_at(json, "drop")) intent.kind = IntentKind::Drop;
  intent.record_only = flag_at(json, "record_only");
  return JournalRecord{intent};
}

Result<JournalRecord> done_from(const Json& json) {
  LVS_TRY(const std::uint64_t number, number_at(json, "done"));
  return JournalRecord{Done{number}};
}

Result<JournalRecord> undone_from(const Json& json) {
  LVS_TRY(const std::uint64_t number, number_at(json, "undone"));
  std::string left;
  if (json.find("left") != nullptr) {
    LVS_TRY(left, json.text_at("left"));
  }
  return JournalRecord{Undone{number, left}};
}

Result<SysctlWants> wants_from(const Json& json) {
  SysctlWants result;
  const Json* wants = json.find("wants");
  if (wants == nullptr || wants->as_object() == nullptr) return fail("`wants` is no object");
  for (const auto& [key, values] : *wants->as_object()) {
    if (values.as_array() == nullptr) return fail("`wants` of " + key + " is no list");
    for (const Json& value : *values.as_array()) {
      if (value.as_string() == nullptr) return fail("`wants` of " + key + " holds no texts");
      result[key].push_back(*value.as_string());
    }
  }
  return result;
}

Result<JournalRecord> complete_from(const Json& json) {
  Complete complete;
  complete.for_run = flag_at(json, "for_run");
  LVS_TRY(complete.wants, wants_from(json));
  return JournalRecord{complete};
}

Result<JournalRecord> armed_from(const Json& json) {
  Armed armed;
  LVS_TRY(armed.window_ms, number_at(json, "armed"));
  const Json* guard = json.find("guard");
  if (guard == nullptr) return fail("`guard` is missing");
  LVS_TRY(armed.guard.pid, guard->int_at("pid"));
  LVS_TRY(armed.guard.start_time, number_at(*guard, "start_time"));
  return JournalRecord{armed};
}

Result<JournalRecord> awaiting_from(const Json& json) {
  Awaiting awaiting;
  LVS_TRY(awaiting.deadline_ms, number_at(json, "awaiting"));
  LVS_TRY(awaiting.wants, wants_from(json));
  return JournalRecord{awaiting};
}

Result<JournalRecord> disarmed_from(const Json& json) {
  Disarmed disarmed;
  LVS_TRY(disarmed.why, json.text_at("disarmed"));
  return JournalRecord{disarmed};
}

Result<JournalRecord> record_from(const Json& json) {
  if (json.find("schema") != nullptr) return header_from(json);
  if (json.find("intent") != nullptr) return intent_from(json);
  if (json.find("done") != nullptr) return done_from(json);
  if (json.find("undone") != nullptr) return undone_from(json);
  if (json.find("complete") != nullptr) return complete_from(json);
  if (json.find("armed") != nullptr) return armed_from(json);
  if (json.find("awaiting") != nullptr) return awaiting_from(json);
  if (json.find("disarmed") != nullptr) return disarmed_from(json);
  return fail("unknown record");
}

}  // namespace

std::string journal_line(const JournalRecord& record) {
  const Json json = std::visit(Overload{
                                   [](const Done& done) {
                                     return Json::object({{"done", done.number}});
                                   },
                                   [](const auto& other) { return to_json(other); },
                               },
                               record);
  return to_text(json);
}

Result<JournalRecord> journal_record(std::string_view line) {
  LVS_TRY(const Json json, parse_json(line));
  return record_from(json);
}

Result<JournalText> read_journal(std::string_view text) {
  JournalText result;
  std::size_t number = 0;
  while (result.good_bytes < text.size()) {
    const std::size_t end = text.find('\n', result.good_bytes);
    if (end == std::string_view::npos) break;
    ++number;
    const std::string where = "line " + std::to_string(number);
    auto record = journal_record(text.substr(result.good_bytes, end - result.good_bytes));
    if (!record) return fail_within(where, std::move(record).error());
    if (auto added = result.journal.add(*record); !added)
      return fail_within(where, std::move(added).error());
    result.good_bytes = end + 1;
  }
  return result;
}

}  // namespace lvs::profiles
