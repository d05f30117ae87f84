#include "verify/core/report.h"

#include <algorithm>

namespace lvs::verify {
namespace {

constexpr std::size_t kIdColumn = 18;

std::string_view colour_of(Status status) {
  switch (status) {
    case Status::Pass:
      return "\x1b[32m";
    case Status::Fail:
      return "\x1b[31m";
    case Status::Warn:
      return "\x1b[33m";
    case Status::Skip:
      return "\x1b[36m";
  }
  return "";
}

std::string painted(Status status, bool colour) {
  std::string word{to_string(status)};
  if (!colour) return word;
  return std::string{colour_of(status)} + word + "\x1b[0m";
}

/// `text` under a label, later lines of it indented to the same column.
std::string labelled(std::string_view label, std::string_view text) {
  std::string out = "      ";
  out += label;
  out.append(label.size() < 10 ? 10 - label.size() : 1, ' ');
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(16, ' ');
  }
  return out + "\n";
}

std::string check_text(const Check& check, bool colour) {
  std::string id = check.id;
  if (id.size() < kIdColumn) id.append(kIdColumn - id.size(), ' ');
  std::string out = painted(check.status, colour) + "  " + id + " " + check.title + "\n";
  for (const std::string& line : check.evidence) out += labelled("evidence", line);
  if (!check.why.empty()) out += labelled("why", check.why);
  if (!check.fix.empty()) out += labelled("fix", check.fix);
  return out;
}

}  // namespace

std::string_view to_string(Status status) {
  switch (status) {
    case Status::Pass:
      return "PASS";
    case Status::Fail:
      return "FAIL";
    case Status::Warn:
      return "WARN";
    case Status::Skip:
      return "SKIP";
  }
  return "";
}

Counts count(const Report& report) {
  Counts counts;
  for (const Check& check : report.checks) {
    switch (check.status) {
      case Status::Pass:
        ++counts.passed;
        break;
      case Status::Fail:
        ++counts.failed;
        break;
      case Status::Warn:
        ++counts.warned;
        break;
      case Status::Skip:
        ++counts.skipped;
        break;
    }
  }
  return counts;
}

ExitStatus exit_status(const Report& report) {
  const Counts counts = count(report);
  if (counts.failed > 0) return ExitStatus::Differs;
  return counts.passed + counts.warned > 0 ? ExitStatus::Ok : ExitStatus::NoPermission;
}

std::string_view verdict(const Report& report) {
  switch (exit_status(report)) {
    case ExitStatus::Ok:
      return "passed";
    case ExitStatus::Differs:
      return "failed";
    default:
      return "nothing judged";
  }
}

std::string to_text(const Report& report, bool colour) {
  std::string out;
  for (const Check& check : report.checks) out += check_text(check, colour);
  const Counts counts = count(report);
  out += report.command + " " + report.profile + ": " + std::string{verdict(report)} + " (" +
         std::to_string(counts.passed) + " passed, " + std::to_string(counts.failed) + " failed, " +
         std::to_string(counts.warned) + " warned, " + std::to_string(counts.skipped) +
         " skipped)\n";
  return out;
}

}  // namespace lvs::verify
