#include "director/core/ipvsadm/parse.h"

#include "director/core/ipvsadm/build.h"
#include "director/core/ipvsadm/check.h"
#include "director/core/ipvsadm/draft.h"
#include "director/core/ipvsadm/numbers.h"
#include "director/core/ipvsadm/scan.h"
#include "director/core/ipvsadm/words.h"
#include "net/base/result.h"

namespace lvs::director::ipvsadm {
namespace {

/// What is left over belongs to --set, or to nobody.
Outcome<void> take_rest(Draft& draft, std::span<const std::string> rest) {
  if (draft.verb == Verb::SetTimeouts) {
    if (rest.size() < draft.timeouts.size())
      return refuse("--set option requires 3 timeout values");
    for (std::uint32_t& timeout : draft.timeouts) {
      const auto seconds = parse_number(rest.front(), kTimeoutRange);
      if (!seconds) return refuse("invalid timeout value `" + rest.front() + "' specified");
      timeout = *seconds;
      rest = rest.subspan(1);
    }
  }
  if (!rest.empty()) return refuse("unexpected argument " + rest.front());
  return {};
}

Outcome<Command> parse_scanned(const Scanned& scanned, const Names& names) {
  if (scanned.switches.empty() || !scanned.switches.front().what->verb)
    return refuse("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", kRefusedStatus);
  const Given& first = scanned.switches.front();
  Draft draft;
  draft.verb = *first.what->verb;
  draft.verb_value = first.value;
  if (draft.verb == Verb::Help) return Command{Help{}};
  if (draft.verb == Verb::Version) return Command{Version{}};
  for (const Given& given : std::span{scanned.switches}.subspan(1))
    LVS_CHECK(take_switch(draft, given, names));
  if (scanned.problem) return tl::unexpected(*scanned.problem);
  LVS_CHECK(take_rest(draft, scanned.rest));
  LVS_CHECK(check_draft(draft));
  return build_command(draft);
}

}  // namespace

Outcome<Command> parse(std::span<const std::string> words, const Names& names) {
  if (words.empty()) return Command{List{}};
  return parse_scanned(scan(words), names);
}

Outcome<Command> parse_line(std::string_view line, const Names& names) {
  return parse(split_words(line), names);
}

}  // namespace lvs::director::ipvsadm
