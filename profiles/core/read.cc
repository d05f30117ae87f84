// The reader's outline. Each step is a file of profiles/core/read: the text is parsed into a tree
// of values with positions (toml), the tables of keys fill the model from it (sections), names are
// resolved, and what must hold between tables is judged (rules).

#include "profiles/core/read.h"

#include <set>

#include "profiles/core/read/nesting.h"
#include "profiles/core/read/not_yet.h"
#include "profiles/core/read/rules.h"
#include "profiles/core/read/scalar.h"
#include "profiles/core/read/sections.h"
#include "profiles/core/read/syntax_hint.h"
#include "profiles/core/read/table.h"
#include "profiles/core/read/words.h"

namespace lvs::profiles {
namespace {

using namespace reading;

void read_name(const Value& value, Draft& into, Errors& errors) {
  if (value.kind == Kind::Text && is_profile_name(value.text))
    into.profile.name = value.text;
  else
    add_mismatch(value, "1 to 20 of a-z, 0-9 and \"-\"", errors);
}

void read_version(const Value& value, Draft& /*into*/, Errors& errors) {
  (void)read_integer(value, {1, 1}, errors);
}

constexpr Key<Draft> kKeys[] = {
    {"name", read_name, "a short name like \"web\""},
    {"version", read_version},
    {"service",
     [](const Value& value, Draft& into, Errors& errors) {
       read_services(value, into.profile.services, errors);
     },
     "at least one [[service]]"},
    {"host",
     [](const Value& value, Draft& into, Errors& errors) {
       read_hosts(value, into.profile.hosts, errors);
     },
     "[host.NAME] for each host"},
    {"check", [](const Value& value, Draft& into,
                 Errors& errors) { read_checks(value, into.checks, errors); }},
    {"mark", [](const Value& value, Draft& into,
                Errors& errors) { read_marks(value, into.profile.marks, errors); }},
    {"vrrp", [](const Value& value, Draft& into,
                Errors& errors) { read_vrrp(value, into.profile.vrrp, errors); }},
    {"engine", [](const Value& value, Draft& into,
                  Errors& errors) { read_engine(value, into.profile.engine, errors); }},
    {"control", [](const Value& value, Draft& into,
                   Errors& errors) { read_control(value, into.profile.control, errors); }},
    {"metrics", [](const Value& value, Draft& into,
                   Errors& errors) { read_metrics(value, into.profile.metrics, errors); }},
    {"lab", [](const Value& value, Draft& into,
               Errors& errors) { read_lab(value, into.profile.lab, errors); }},
};

std::set<IpAddr> all_vips(const Profile& profile) {
  std::set<IpAddr> vips;
  for (const ServiceEntry& service : profile.services)
    vips.insert(service.vips.begin(), service.vips.end());
  return vips;
}

void judge(const Value& root, Draft& draft, Errors& errors) {
  resolve_checks(root, draft, errors);
  resolve_probes(root, draft.profile, errors);
  resolve_marks(draft.profile);
  const std::set<IpAddr> vips = all_vips(draft.profile);
  const Subject subject{draft.profile, root, vips, errors};
  judge_services(subject);
  judge_servers(subject);
  judge_hosts(subject);
  judge_settings(subject);
}

ReadResult refuse(ProfileError error) {
  ReadResult result;
  result.errors.push_back(std::move(error));
  return result;
}

}  // namespace

ReadResult read_profile(std::string_view text, std::string_view file) {
  if (text.size() > kMaxProfileBytes)
    return refuse({std::string{file},
                   {1, 1},
                   "a profile has at most " + std::to_string(kMaxProfileBytes) +
                       " bytes, this file has " + std::to_string(text.size()),
                   "",
                   ""});
  const Lines lines{text};
  if (const auto deep = find_too_deep(text))
    return refuse({std::string{file}, lines.clamp(*deep), "nested deeper than any profile needs",
                   "", lines.shown(deep->line)});
  const auto parsed = parse_toml(text);
  if (const auto* error = std::get_if<SyntaxError>(&parsed))
    return refuse(explain(*error, lines, file));

  const auto& root = std::get<Value>(parsed);
  Draft draft;
  Errors errors;
  read_table(root, "a profile", kKeys, draft, errors);
  judge(root, draft, errors);
  ReadResult result{std::move(draft.profile), errors.in_file_order(lines, file)};
  result.profile.file = file;
  result.profile.not_yet = find_not_yet(root);
  return result;
}

std::string to_string(const ProfileError& error) {
  std::string text = error.file + ":" + std::to_string(error.where.line) + ":" +
                     std::to_string(error.where.column) + ": error: " + error.message + "\n";
  if (!error.line.empty()) {
    const std::size_t caret = byte_of_column(error.line, error.where.column);
    text += "  " + error.line + "\n  ";
    for (const char c : error.line.substr(0, caret)) {
      const bool continues = (static_cast<unsigned char>(c) & 0xc0u) == 0x80u;
      if (!continues) text += c == '\t' ? '\t' : ' ';
    }
    text += "^\n";
  }
  if (!error.hint.empty()) text += "  hint: " + error.hint + "\n";
  return text;
}

}  // namespace lvs::profiles
