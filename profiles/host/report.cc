#include "profiles/host/report.h"

#include "net/json/json.h"

namespace lvs::host {
namespace {

constexpr int kSchema = 1;

Json list_of(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push(text);
  return list;
}

Json document(const std::string& command, const HostOptions& options, const std::string& result,
              ExitStatus status) {
  return Json::object({{"schema", kSchema},
                       {"program", options.program},
                       {"command", command},
                       {"result", result},
                       {"exit_status", static_cast<int>(status)}});
}

std::string action_of(char sign) {
  switch (sign) {
    case '+':
      return "add";
    case '-':
      return "remove";
    case '~':
      return "change";
    case '?':
      return "verify";
    default:
      return "problem";
  }
}

Json to_json(const Report& report, const HostOptions& options) {
  Json items = Json::array();
  for (const ReportItem& item : report.items) {
    items.push(
        Json::object({{"action", action_of(item.sign)}, {"what", item.what}, {"why", item.why}}));
  }
  Json json = document(report.command, options, report.result, report.status);
  json.set("profile", report.profile).set("host", report.host).set("items", items);
  json.set("notes", list_of(report.notes)).set("skipped", list_of(report.skipped));
  if (report.confirm_left) json.set("confirm_left_ms", std::int64_t{report.confirm_left->count()});
  return json.set("summary", report.summary);
}

Json to_json(const profiles::ProfileError& error) {
  return Json::object({{"file", error.file},
                       {"line", error.where.line},
                       {"column", error.where.column},
                       {"message", error.message},
                       {"hint", error.hint}});
}

Json to_json(const HostFailure& failure, const std::string& command, const HostOptions& options) {
  Json errors = Json::array();
  for (const profiles::ProfileError& error : failure.errors) errors.push(to_json(error));
  if (failure.errors.empty()) {
    errors.push(Json::object({{"file", options.profile},
                              {"line", 0},
                              {"column", 0},
                              {"message", failure.message},
                              {"hint", ""}}));
  }
  Json json = document(command, options, "failed", failure.status);
  return json.set("errors", errors).set("left", list_of(failure.left));
}

}  // namespace

ReportItem item_of(const profiles::Step& step, const std::string& why) {
  return {profiles::diff_sign(step), profiles::diff_text(step), why};
}

ExitStatus print(const Report& report, const HostOptions& options, std::ostream& out) {
  if (options.json) {
    out << to_pretty_text(to_json(report, options));
    return report.status;
  }
  out << options.program << ' ' << report.command << ": profile " << report.profile;
  if (!report.host.empty()) out << ", host " << report.host;
  out << '\n';
  for (const ReportItem& item : report.items) {
    out << "  " << item.sign << ' ' << item.what << '\n';
    if (!item.why.empty()) out << "      " << item.why << '\n';
  }
  for (const std::string& skipped : report.skipped) out << "  SKIPPED " << skipped << '\n';
  for (const std::string& note : report.notes) out << "  note: " << note << '\n';
  out << report.summary << '\n';
  return report.status;
}

ExitStatus print(const HostFailure& failure, const std::string& command, const HostOptions& options,
                 std::ostream& out, std::ostream& err) {
  if (options.json) {
    out << to_pretty_text(to_json(failure, command, options));
    return failure.status;
  }
  // A profile's errors begin with FILE:LINE:COLUMN, so that editors find them.
  if (failure.errors.empty()) err << options.program << ' ' << command << ": ";
  err << failure.message << '\n';
  return failure.status;
}

}  // namespace lvs::host
