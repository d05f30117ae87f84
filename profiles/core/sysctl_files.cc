#include "profiles/core/sysctl_files.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "net/base/overload.h"
#include "net/base/sysctl_name.h"
#include "profiles/core/glob.h"

namespace lvs::profiles {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// A key as a path. Whichever of dot and slash comes first is the separator; the other one is meant
/// (sysctl.d(5): "net.ipv4.conf.enp3s0/200.forwarding").
std::string as_path(std::string_view key) {
  const std::size_t first = key.find_first_of("./");
  if (first == std::string_view::npos || key[first] == '/') return std::string(key);
  std::string path(key);
  for (char& c : path) c = c == '.' ? '/' : (c == '/' ? '.' : c);
  return path;
}

std::optional<SysctlLine> parse_line(std::string_view text) {
  text = trimmed(text);
  if (text.empty() || text.front() == '#' || text.front() == ';') return std::nullopt;
  const bool dash = text.front() == '-';
  if (dash) text.remove_prefix(1);
  SysctlLine line;
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    if (!dash) return std::nullopt;  // systemd-sysctl ignores it with a message
    line.pattern = as_path(trimmed(text));
    return line;
  }
  line.pattern = as_path(trimmed(text.substr(0, equals)));
  line.value = std::string(trimmed(text.substr(equals + 1)));
  return line;
}

/// Adds a file's lines; one for a key that was there replaces it and goes to the end.
void take_lines(std::vector<SysctlLine>& lines, const SysctlFile& file) {
  std::string_view rest = file.text;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    auto line = parse_line(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line) continue;
    line->file = file.path;
    line->line = number;
    std::erase_if(lines, [&](const SysctlLine& old) { return old.pattern == line->pattern; });
    lines.push_back(std::move(*line));
  }
}

std::string place_of(const SysctlLine& line) { return line.file + ":" + std::to_string(line.line); }

/// Judges one host's wishes against the lines.
class Judge {
 public:
  Judge(const Snapshot& now, const std::vector<SysctlLine>& lines) : now_(now), lines_(lines) {}

  void on(const SysctlWish& wish) { want(wish.key, wish.accepted); }
  void on(const LowerWish& wish) {
    want(conf_key("all", wish.setting), {"0"});
    want(conf_key(wish.link, wish.setting), {"0"});
  }
  void on(const EffectiveWish& wish) {
    const EffectiveRule& rule = wish.rule;
    Snapshot then;
    std::string who;
    for (const std::string& place : {std::string("all"), rule.link}) {
      const std::string key = conf_key(place, rule.setting);
      if (const std::string* value = now_.sysctl(key)) then.sysctls[key] = *value;
      const SysctlLine* line = line_for(lines_, key);
      if (line == nullptr || told_.contains(key)) continue;
      then.sysctls[key] = *line->value;
      who += (who.empty() ? "" : ", ") + place_of(*line) + " sets " + dotted(key) + " = " +
             *line->value;
    }
    const std::optional<std::string> effective = effective_value(rule, then);
    if (who.empty() || !effective || is_accepted(rule.accepted, *effective)) return;
    findings.push_back("at boot, and when systemd-sysctl starts again, " + describe(rule, then) +
                       ": " + who);
  }
  template <typename T>
  void on(const T& /*wish*/) {}

  std::vector<std::string> findings;

 private:
  void want(const std::string& key, const std::vector<std::string>& accepted) {
    const SysctlLine* line = line_for(lines_, key);
    if (line == nullptr || is_accepted(accepted, *line->value)) return;
    if (!told_.insert(key).second) return;
    findings.push_back(place_of(*line) + " sets " + dotted(key) + " = " + *line->value +
                       " at boot, and when systemd-sysctl starts again; it must be " +
                       list_of(accepted));
  }

  const Snapshot& now_;
  const std::vector<SysctlLine>& lines_;
  std::set<std::string> told_;  ///< keys with a finding of their own
};

}  // namespace

std::vector<SysctlLine> lines_in_effect(const std::vector<std::vector<SysctlFile>>& folders) {
  std::map<std::string, const SysctlFile*> by_name;
  for (const std::vector<SysctlFile>& folder : folders)
    for (const SysctlFile& file : folder)
      by_name.emplace(file.path.substr(file.path.rfind('/') + 1), &file);
  std::vector<SysctlLine> lines;
  for (const auto& [name, file] : by_name)
    if (!file->masks) take_lines(lines, *file);
  return lines;
}

const SysctlLine* line_for(const std::vector<SysctlLine>& lines, const std::string& key) {
  const SysctlLine* last = nullptr;
  for (const SysctlLine& line : lines) {
    // Naming the key keeps globs away, also without a value.
    if (line.pattern == key) return line.value ? &line : nullptr;
    if (line.value && is_glob(line.pattern) && matches_glob(line.pattern, key)) last = &line;
  }
  return last;
}

std::vector<std::string> clashes(const Desired& desired, const Snapshot& now,
                                 const std::vector<SysctlLine>& lines) {
  Judge judge(now, lines);
  for (const Wish& wish : desired.wishes) std::visit([&](const auto& w) { judge.on(w); }, wish);
  return std::move(judge.findings);
}

std::string culprit(const std::vector<SysctlLine>& lines, const std::string& key,
                    const std::string& value) {
  const SysctlLine* line = line_for(lines, key);
  if (line == nullptr || *line->value != value) return "";
  return "; " + place_of(*line) + " sets it";
}

}  // namespace lvs::profiles
