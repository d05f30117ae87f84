#include "profiles/io/journal_rewrite.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "net/linux/fd.h"
#include "net/linux/file.h"
#include "net/linux/sys_error.h"
#include "profiles/io/journal_file.h"
#include "profiles/io/journal_text.h"

namespace lvs::profiles {
namespace {

using linux_net::fail_errno;
using linux_net::UniqueFd;

Result<void> write_synced(const std::filesystem::path& file, const std::string& text) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return fail_errno("open " + file.string());
  LVS_CHECK(linux_net::write_all(fd.get(), text, file.string()));
  if (::fsync(fd.get()) != 0) return fail_errno("fsync " + file.string());
  return {};
}

/// The new text under the file's name, on the disk. Nobody reads a file that ends in .new.
Result<void> put(const std::filesystem::path& file, const std::string& text) {
  const std::filesystem::path next = file.string() + ".new";
  Result<void> done = write_synced(next, text);
  if (done && ::rename(next.c_str(), file.c_str()) != 0)
    done = fail_errno("rename " + next.string());
  if (!done) {
    ::unlink(next.c_str());
    return done;
  }
  return linux_net::sync_folder_of(file);
}

}  // namespace

Result<void> rewrite_journal(const std::filesystem::path& file,
                             const std::vector<JournalRecord>& records) {
  std::string text;
  for (const JournalRecord& record : records) text += journal_line(record) + "\n";
  return put(file, text);
}

Result<void> move_journal(const std::filesystem::path& from, const std::filesystem::path& to) {
  auto text = linux_net::read_small_file(from.string(), kMaxJournalBytes);
  if (!text) return fail_within("read " + from.string(), std::move(text).error());
  LVS_TRY(const JournalText journal, read_journal(*text));
  LVS_CHECK(put(to, text->substr(0, journal.good_bytes)));
  return remove_journal(from);
}

}  // namespace lvs::profiles
