#include "profiles/host/journals.h"

#include "net/linux/namespace.h"
#include "profiles/core/persistence.h"
#include "profiles/host/failure.h"
#include "profiles/io/journal_file.h"

namespace lvs::host {
namespace {

/// Whose objects a journal speaks of, as seen from here and now.
enum class Age : std::uint8_t { Now, EarlierBoot, Elsewhere };

/// This boot and this namespace.
class Here {
 public:
  Here(const profiles::StateDir& state, std::string boot) : state_(state), boot_(std::move(boot)) {}

  Age age(const profiles::JournalHeader& header) const {
    if (header.boot_id != boot_) return Age::EarlierBoot;
    const linux_net::NamespaceId id = state_.namespace_id();
    const bool same = header.namespace_inode == id.inode && header.namespace_cookie == id.cookie;
    return same ? Age::Now : Age::Elsewhere;
  }
  const profiles::StateDir& state() const { return state_; }
  profiles::JournalHeader header_now(profiles::JournalHeader header) const {
    header.boot_id = boot_;
    header.namespace_inode = state_.namespace_id().inode;
    header.namespace_cookie = state_.namespace_id().cookie;
    return header;
  }

 private:
  const profiles::StateDir& state_;
  std::string boot_;
};

HostFailure wrong_namespace(const std::string& file) {
  return {ExitStatus::Failed,
          file +
              " was written for another network namespace: it cannot be followed back here. "
              "Use --netns to go to the right one"};
}

HostResult<profiles::Journal> add_up(const std::vector<profiles::JournalRecord>& records) {
  profiles::Journal journal;
  for (const profiles::JournalRecord& record : records)
    if (auto added = journal.add(record); !added) return refuse(failure_of(added.error()));
  return journal;
}

/// The journal that lies where it outlives the boot, when it is about this namespace. After a boot
/// the namespace that the system boots in takes it up, whichever it was before: a container that
/// starts again has another one in the same boot.
HostResult<bool> read_persistent(Journals& journals, const Here& here, const std::string& profile) {
  auto found = profiles::load_journal(here.state().persistent_journal(profile));
  if (!found) return refuse(failure_of(found.error()));
  if (!found->has_header()) return false;
  if (here.age(found->header()) != Age::Now) {
    if (!here.state().is_boot_namespace()) return false;
    journals.renewed = profiles::records_after_boot(*found, here.header_now(found->header()));
    auto renewed = add_up(journals.renewed);
    if (!renewed) return refuse(std::move(renewed).error());
    *found = std::move(*renewed);
  }
  journals.own = std::move(*found);
  journals.lies_persistent = true;
  return true;
}

HostResult<void> read_runtime(Journals& journals, const Here& here, const std::string& profile) {
  const std::filesystem::path file = here.state().journal(profile);
  auto found = profiles::load_journal(file);
  if (!found) return refuse(failure_of(found.error()));
  if (!found->has_header()) return {};
  const Age age = here.age(found->header());
  if (age == Age::EarlierBoot) {
    journals.stale = file.string() + " is of an earlier boot: what it speaks of went with it";
    return {};
  }
  if (age == Age::Elsewhere) return refuse(wrong_namespace(file.string()));
  journals.own = std::move(*found);
  return {};
}

/// Takes another profile's journal in; one of an earlier boot only where it is kept over boots.
HostResult<void> take_other(Journals& journals, const Here& here, bool persistent,
                            profiles::Journal other) {
  if (here.age(other.header()) == Age::Now) {
    journals.others.push_back(std::move(other));
  } else if (persistent && here.state().is_boot_namespace()) {
    auto renewed = add_up(records_after_boot(other, here.header_now(other.header())));
    if (!renewed) return refuse(std::move(renewed).error());
    journals.others.push_back(std::move(*renewed));
  }
  return {};
}

HostResult<void> read_others(Journals& journals, const Here& here, const std::string& profile) {
  for (const std::filesystem::path& folder :
       {here.state().path(), here.state().persistent_path()}) {
    auto others = profiles::load_other_journals(folder, profile);
    if (!others) return refuse(failure_of(others.error()));
    const bool persistent = folder == here.state().persistent_path();
    for (profiles::Journal& other : *others)
      if (auto taken = take_other(journals, here, persistent, std::move(other)); !taken)
        return taken;
  }
  return {};
}

}  // namespace

HostResult<Journals> read_journals(const profiles::StateDir& state, const std::string& profile) {
  auto boot = linux_net::boot_id();
  if (!boot) return refuse(failure_of(boot.error()));
  const Here here(state, std::move(*boot));
  Journals journals;
  const auto persistent = read_persistent(journals, here, profile);
  if (!persistent) return refuse(persistent.error());
  if (*persistent) {
    std::error_code error;
    if (std::filesystem::exists(state.journal(profile), error))
      journals.leftover = state.journal(profile);
  } else if (auto read = read_runtime(journals, here, profile); !read) {
    return refuse(std::move(read).error());
  }
  if (auto read = read_others(journals, here, profile); !read)
    return refuse(std::move(read).error());
  return journals;
}

bool has_journal(const profiles::StateDir& state, const std::string& profile) {
  std::error_code error;
  if (std::filesystem::exists(state.journal(profile), error)) return true;
  // A damaged one is there too: whoever reads it next says what is wrong.
  const auto journals = read_journals(state, profile);
  return !journals || journals->lies_persistent;
}

}  // namespace lvs::host
