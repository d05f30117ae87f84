#include <algorithm>

#include "profiles/host/apply.h"
#include "profiles/host/failure.h"
#include "profiles/host/recover.h"

namespace lvs::host {
namespace {

std::string about(const HostOptions& options) { return options.program + " " + options.profile; }

/// Which entries a run takes back: an `apply` since then has made some of them stay.
std::vector<std::uint64_t> still_of_run(const AppliedPart& part, const profiles::Journal& journal) {
  std::vector<std::uint64_t> numbers;
  for (const profiles::JournalEntry& entry : journal.entries()) {
    if (entry.for_run && std::ranges::find(part.entries, entry.number) != part.entries.end())
      numbers.push_back(entry.number);
  }
  return numbers;
}

HostFailure incomplete(const profiles::TakenBack& back) {
  HostFailure failure{ExitStatus::Incomplete, ""};
  if (!back.left.empty())
    failure.message = listed("changed by somebody after us, and left as it is:", back.left);
  if (!back.failed.empty()) {
    if (!failure.message.empty()) failure.message += "\n";
    failure.message += listed("could not be taken back, still in the journal:", back.failed);
  }
  failure.left = back.left;
  failure.left.insert(failure.left.end(), back.failed.begin(), back.failed.end());
  return failure;
}

HostResult<RevertReport> revert_open(const HostOptions& options, const AppliedPart* part,
                                     profiles::Kernel& kernel, OpenJournal& open) {
  RevertReport report;
  if (!open.journals().stale.empty()) report.notes.push_back(open.journals().stale);
  if (auto begun = open.begin(options.program, ""); !begun) return refuse(std::move(begun).error());
  auto recovered = recover(open.ground(kernel));
  if (!recovered) return refuse(std::move(recovered).error());
  report.notes.insert(report.notes.end(), recovered->begin(), recovered->end());
  std::vector<std::uint64_t> numbers;
  if (part != nullptr) numbers = still_of_run(*part, open.log().journal());
  profiles::TakenBack back =
      profiles::take_back(part == nullptr ? nullptr : &numbers, open.ground(kernel));
  if (!back.complete()) {
    if (auto closed = open.close(false); !closed) return refuse(std::move(closed).error());
    return refuse(incomplete(back));
  }
  report.undone = std::move(back.undone);
  return report;
}

}  // namespace

HostResult<RevertReport> revert_on(const profiles::StateDir& state, const std::string& profile,
                                   const HostOptions& options, const AppliedPart* part,
                                   profiles::Kernel& kernel) {
  auto open = OpenJournal::open(state, profile, about(options));
  if (!open) return refuse(std::move(open).error());
  if (!open->journals().own.empty()) {
    if (auto right = need_net_admin("taking back changes sysctls, addresses and routes"); !right)
      return refuse(std::move(right).error());
  }
  auto report = revert_open(options, part, kernel, *open);
  if (!report) return report;
  if (auto closed = open->close(false); !closed) return refuse(std::move(closed).error());
  return report;
}

}  // namespace lvs::host
