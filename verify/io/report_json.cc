#include "verify/io/report_json.h"

#include <array>
#include <optional>
#include <utility>

namespace lvs::verify {
namespace {

constexpr std::int64_t kSchema = 1;

Json check_to_json(const Check& check) {
  Json evidence = Json::array();
  for (const std::string& line : check.evidence) evidence.push(line);
  Json json = Json::object({{"id", check.id},
                            {"status", to_string(check.status)},
                            {"title", check.title},
                            {"evidence", std::move(evidence)}});
  if (!check.host.empty()) json.set("host", check.host);
  if (!check.why.empty()) json.set("why", check.why);
  if (!check.fix.empty()) json.set("fix", check.fix);
  return json;
}

std::optional<Status> parse_status(const std::string& text) {
  for (const Status status : {Status::Pass, Status::Fail, Status::Warn, Status::Skip})
    if (text == to_string(status)) return status;
  return std::nullopt;
}

std::string optional_text(const Json& json, std::string_view key) {
  const Json* member = json.find(key);
  const std::string* text = member == nullptr ? nullptr : member->as_string();
  return text == nullptr ? std::string{} : *text;
}

Result<Check> check_from_json(const Json& json) {
  Check check;
  LVS_TRY(check.id, json.text_at("id"));
  LVS_TRY(check.title, json.text_at("title"));
  LVS_TRY(const std::string word, json.text_at("status"));
  const auto status = parse_status(word);
  if (!status) return fail("status: expected PASS, FAIL, WARN or SKIP, found " + word);
  check.status = *status;
  if (const Json* evidence = json.find("evidence"); evidence != nullptr && evidence->as_array())
    for (const Json& line : *evidence->as_array())
      if (line.as_string() != nullptr) check.evidence.push_back(*line.as_string());
  check.host = optional_text(json, "host");
  check.why = optional_text(json, "why");
  check.fix = optional_text(json, "fix");
  return check;
}

}  // namespace

Json to_json(const Report& report) {
  Json checks = Json::array();
  for (const Check& check : report.checks) checks.push(check_to_json(check));
  const Counts counts = count(report);
  return Json::object({{"schema", kSchema},
                       {"program", "lvs-verify"},
                       {"command", report.command},
                       {"profile", report.profile},
                       {"result", verdict(report)},
                       {"checks", std::move(checks)},
                       {"passed", static_cast<std::uint64_t>(counts.passed)},
                       {"failed", static_cast<std::uint64_t>(counts.failed)},
                       {"warned", static_cast<std::uint64_t>(counts.warned)},
                       {"skipped", static_cast<std::uint64_t>(counts.skipped)}});
}

Result<Report> report_from_json(const Json& document) {
  LVS_TRY(const std::int64_t schema, document.int_at("schema"));
  if (schema > kSchema)
    return fail("schema " + std::to_string(schema) + " is newer than ours, " +
                std::to_string(kSchema));
  if (const std::string error = optional_text(document, "error"); !error.empty())
    return fail(error);
  Report report;
  LVS_TRY(report.command, document.text_at("command"));
  report.profile = optional_text(document, "profile");
  const Json* checks = document.find("checks");
  if (checks == nullptr || checks->as_array() == nullptr) return fail("checks: expected a list");
  for (const Json& json : *checks->as_array()) {
    LVS_TRY(Check check, check_from_json(json));
    report.checks.push_back(std::move(check));
  }
  return report;
}

Json failure_to_json(const std::string& command, const std::string& error) {
  return Json::object({{"schema", kSchema},
                       {"program", "lvs-verify"},
                       {"command", command},
                       {"result", "failed to run"},
                       {"error", error}});
}

}  // namespace lvs::verify
