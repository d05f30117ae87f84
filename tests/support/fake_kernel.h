#pragma once

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "profiles/core/carry_out.h"
#include "profiles/core/journal.h"
#include "profiles/core/kernel.h"

// A host that exists only as a snapshot, and a journal that exists only as records: what the runner
// does to them is what it would do to the real ones.

namespace lvs::test {

class FakeKernel : public profiles::Kernel {
 public:
  FakeKernel() = default;
  explicit FakeKernel(profiles::Snapshot start) : now(std::move(start)) {}

  Result<profiles::Snapshot> snapshot(const std::vector<std::string>& sysctl_keys) override {
    profiles::Snapshot seen = now;
    seen.sysctls.clear();
    for (const std::string& key : sysctl_keys)
      if (const std::string* value = now.sysctl(key)) seen.sysctls[key] = *value;
    return seen;
  }

  Result<profiles::StepNote> carry_out(const profiles::Step& step) override {
    if (steps++ == fail_at) return fail("made to fail", EIO);
    if (refuses_all) return fail("made to refuse", EIO);
    if (const auto* look = std::get_if<profiles::ReadBackEffective>(&step)) {
      const auto value = profiles::effective_value(look->rule, now);
      if (!value || !profiles::is_accepted(look->rule.accepted, *value))
        return fail(profiles::describe(look->rule, now));
    }
    if (exists(step)) return fail("exists", EEXIST);
    if (profiles::changes_host(step)) ++changes;
    profiles::carry_out_on(now, step);
    return profiles::StepNote{};
  }

  profiles::Snapshot now;
  int fail_at = -1;  ///< the step, counted from 0, that fails
  bool refuses_all = false;
  int steps = 0;
  int changes = 0;

 private:
  bool exists(const profiles::Step& step) const {
    if (const auto* add = std::get_if<profiles::AddAddress>(&step)) {
      for (const profiles::AddressFact& fact : now.addresses)
        if (fact.link == add->address.link && fact.addr == add->address.addr &&
            fact.prefix_len == add->address.prefix_len)
          return true;
    }
    if (const auto* add = std::get_if<profiles::AddRoute>(&step)) {
      for (const profiles::RouteFact& fact : now.routes)
        if (fact.destination == add->route.destination && fact.table == add->route.table &&
            fact.metric == add->route.metric && fact.tos == add->route.tos)
          return true;
    }
    return false;
  }
};

class FakeJournal : public profiles::JournalWriter {
 public:
  Result<void> write(const profiles::JournalRecord& record) override {
    if (writes++ == fail_at) return fail("disk full", ENOSPC);
    records.push_back(record);
    return {};
  }
  /// What a later process would read from the file.
  profiles::Journal read() const {
    profiles::Journal journal;
    for (const profiles::JournalRecord& record : records)
      if (!journal.add(record)) std::abort();
    return journal;
  }

  std::vector<profiles::JournalRecord> records;
  int fail_at = -1;
  int writes = 0;
};

inline profiles::JournalHeader fake_header(const std::string& profile) {
  return {.program = "test", .profile = profile, .host = "rs1", .boot_id = "boot"};
}

/// One host with one profile on it: plan, apply and revert as the programs do.
class FakeHost {
 public:
  FakeHost(FakeKernel& kernel, profiles::Desired desired)
      : kernel_(kernel), desired_(std::move(desired)) {
    if (!file.write(fake_header(desired_.profile))) std::abort();
  }

  void want(profiles::Desired desired) { desired_ = std::move(desired); }

  profiles::Plan plan() {
    const profiles::Journal journal = file.read();
    std::vector<std::string> keys = profiles::sysctl_keys(desired_);
    for (const std::string& key : profiles::sysctl_keys(journal)) keys.push_back(key);
    const auto now = kernel_.snapshot(keys);
    const auto ours = journal.entries_with_pending();
    return profiles::make_plan({.desired = desired_,
                                .snapshot = *now,
                                .ours = ours,
                                .next_number = journal.next_number(),
                                .others = others});
  }

  tl::expected<profiles::Applied, profiles::ApplyFailure> run(bool for_run = false) {
    profiles::JournalLog log(file.read(), file);
    return profiles::carry_out(plan(), for_run, kernel_, log,
                               [](const profiles::Step&, const profiles::StepNote&) {});
  }

  profiles::TakenBack recover() {
    profiles::JournalLog log(file.read(), file);
    return profiles::roll_back(kernel_, log);
  }

  profiles::TakenBack revert() {
    profiles::JournalLog log(file.read(), file);
    return profiles::take_back(nullptr, others, kernel_, log);
  }

  FakeJournal file;
  std::vector<profiles::Journal> others;

 private:
  FakeKernel& kernel_;
  profiles::Desired desired_;
};

}  // namespace lvs::test
