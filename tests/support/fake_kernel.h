#pragma once

#include <algorithm>
#include <cerrno>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "net/base/overload.h"
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

  Result<profiles::Abilities> abilities() override { return can; }

  Result<profiles::Snapshot> snapshot(const profiles::Look& look) override {
    profiles::Snapshot seen = now;
    seen.sysctls.clear();
    seen.files.clear();
    seen.resolved.clear();
    for (const auto& [key, value] : now.sysctls)
      if (any_fits(look.sysctls, key)) seen.sysctls[key] = value;
    for (const profiles::FileFact& file : now.files)
      if (has(look.files, file.path)) seen.files.push_back(file);
    for (const auto& [address, mac] : now.resolved)
      if (has(look.resolve, address)) seen.resolved[address] = mac;
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
    if (const auto* set = std::get_if<profiles::SetSysctl>(&step)) follow_default(*set);
    profiles::carry_out_on(now, step);
    return profiles::StepNote{};
  }

  profiles::Abilities can;
  profiles::Snapshot now;
  int fail_at = -1;  ///< the step, counted from 0, that fails
  bool refuses_all = false;
  int steps = 0;
  int changes = 0;
  std::set<std::string> written;  ///< sysctls that follow `default` no more

 private:
  /// What devinet_copy_dflt_conf does: a write to `default` reaches every link whose own value was
  /// never written. Its own value is then what that of
  /// `default` was.
  void follow_default(const profiles::SetSysctl& set) {
    written.insert(set.key);
    const std::string head = "net/ipv4/conf/";
    const std::size_t slash = set.key.rfind('/');
    if (!set.key.starts_with(head + "default/")) return;
    const std::string* before = now.sysctl(set.key);
    for (const std::string& link : now.links) {
      const std::string key = head + link + set.key.substr(slash);
      const std::string* own = now.sysctl(key);
      if (own != nullptr && before != nullptr && *own == *before && !written.contains(key))
        now.sysctls[key] = set.value;
    }
  }

  /// `*` in a key that is looked for stands for any interface.
  static bool fits(const std::string& wanted, const std::string& key) {
    const std::size_t star = wanted.find('*');
    if (star == std::string::npos) return wanted == key;
    const std::string tail = wanted.substr(star + 1);
    return key.size() > star + tail.size() && key.starts_with(wanted.substr(0, star)) &&
           key.ends_with(tail);
  }

  static bool any_fits(const std::vector<std::string>& wanted, const std::string& key) {
    return std::ranges::any_of(wanted, [&](const std::string& each) { return fits(each, key); });
  }

  template <typename T>
  static bool has(const std::vector<T>& all, const T& one) {
    return std::ranges::find(all, one) != all.end();
  }

  bool exists(const profiles::Step& step) const {
    return std::visit(Overload{
                          [&]<typename T>(const profiles::Add<T>& add) {
                            const std::vector<T>& there = profiles::list_of_kind<T>(now);
                            return std::any_of(there.begin(), there.end(), [&](const T& fact) {
                              return same_place(fact, add.object);
                            });
                          },
                          [](const auto&) { return false; },
                      },
                      step);
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
    profiles::Look look = profiles::look_for(desired_);
    look.take(profiles::look_for(journal));
    const auto now = kernel_.snapshot(look);
    const auto ours = journal.entries_with_pending();
    return profiles::make_plan({.desired = desired_,
                                .snapshot = *now,
                                .ours = ours,
                                .next_number = journal.next_number(),
                                .others = others});
  }

  tl::expected<profiles::Applied, profiles::ApplyFailure> run(bool for_run = false) {
    const profiles::Plan planned = plan();
    return run(planned, {{}, [&] { return profiles::Complete{planned.wants, for_run}; }});
  }

  /// As `run`, but a confirmation is to come.
  tl::expected<profiles::Applied, profiles::ApplyFailure> run_unconfirmed() {
    if (!file.write(profiles::Armed{{1, 1}, 1000})) std::abort();
    const profiles::Plan planned = plan();
    return run(planned, {{}, [&] { return profiles::Awaiting{planned.wants, 1}; }});
  }

  tl::expected<profiles::Applied, profiles::ApplyFailure> run(const profiles::Plan& planned,
                                                              const profiles::Ending& ending) {
    profiles::JournalLog log(file.read(), file);
    return profiles::carry_out(planned, ending, {kernel_, log, others},
                               [](const profiles::Step&, const profiles::StepNote&) {});
  }

  profiles::TakenBack recover() {
    profiles::JournalLog log(file.read(), file);
    return profiles::roll_back({kernel_, log, others}, "test");
  }

  profiles::TakenBack revert() {
    profiles::JournalLog log(file.read(), file);
    return profiles::take_back(nullptr, {kernel_, log, others});
  }

  FakeJournal file;
  std::vector<profiles::Journal> others;

 private:
  FakeKernel& kernel_;
  profiles::Desired desired_;
};

}  // namespace lvs::test
