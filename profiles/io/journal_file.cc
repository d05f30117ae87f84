#include "profiles/io/journal_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "net/linux/file.h"
#include "net/linux/sys_error.h"
#include "profiles/io/journal_text.h"

namespace lvs::profiles {
namespace {

/// More than the records of an apply and of its way back need.
constexpr off_t kReserve = off_t{128} * 1024;

Result<JournalText> read_file(const std::filesystem::path& file) {
  auto text = linux_net::read_small_file(file.string(), kMaxJournalBytes);
  if (!text) {
    if (text.error().sys_errno == ENOENT) return JournalText{};
    return fail_within("read " + file.string(), std::move(text).error());
  }
  auto journal = read_journal(*text);
  if (!journal) return fail_within(file.string(), std::move(journal).error());
  return journal;
}

tl::unexpected<Error> failed(const std::string& what, const std::filesystem::path& file) {
  return linux_net::fail_errno(what + " " + file.string());
}

/// A lost `done` does no harm: whoever finds an intent without it looks at the host itself. The
/// sync of the next record brings it to the disk too.
bool must_reach_the_disk(const JournalRecord& record) {
  return !std::holds_alternative<Done>(record);
}

}  // namespace

Result<Journal> load_journal(const std::filesystem::path& file) {
  LVS_TRY(JournalText text, read_file(file));
  return std::move(text.journal);
}

Result<std::vector<Journal>> load_other_journals(const std::filesystem::path& folder,
                                                 const std::string& own_profile) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  std::filesystem::directory_iterator items(folder, error);
  if (error == std::errc::no_such_file_or_directory) return std::vector<Journal>{};
  for (; !error && items != std::filesystem::directory_iterator(); items.increment(error)) {
    const std::filesystem::path& path = items->path();
    if (path.extension() == ".journal" && path.stem() != own_profile) files.push_back(path);
  }
  if (error) return fail("list " + folder.string() + ": " + error.message(), error.value());
  std::sort(files.begin(), files.end());
  std::vector<Journal> journals;
  for (const std::filesystem::path& file : files) {
    LVS_TRY(Journal journal, load_journal(file));
    if (journal.has_header()) journals.push_back(std::move(journal));
  }
  return journals;
}

Result<JournalFile> JournalFile::open(const std::filesystem::path& file) {
  LVS_TRY(const JournalText text, read_file(file));
  linux_net::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd) return failed("open", file);
  const auto good = static_cast<off_t>(text.good_bytes);
  // Only when there is something to cut, because that also gives reserved room back.
  if (::lseek(fd.get(), 0, SEEK_END) != good && ::ftruncate(fd.get(), good) != 0)
    return failed("cut", file);
  LVS_CHECK(linux_net::sync_folder_of(file));
  return JournalFile(file, std::move(fd));
}

Result<void> JournalFile::write(const JournalRecord& record) {
  const off_t before = ::lseek(fd_.get(), 0, SEEK_END);
  if (before < 0) return failed("seek", file_);
  Result<void> appended =
      linux_net::write_all(fd_.get(), journal_line(record) + "\n", file_.string());
  if (appended && must_reach_the_disk(record) && ::fdatasync(fd_.get()) != 0)
    appended = failed("fdatasync", file_);
  if (!appended && ::ftruncate(fd_.get(), before) != 0)
    appended.error().what += "; and its end could not be cut off again";
  return appended;
}

Result<void> JournalFile::reserve() {
  const off_t end = ::lseek(fd_.get(), 0, SEEK_END);
  if (end < 0) return failed("seek", file_);
  if (::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, end, kReserve) == 0) return {};
  if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR) return {};
  return failed("reserve room in", file_);
}

Result<void> remove_journal(const std::filesystem::path& file) {
  if (::unlink(file.c_str()) != 0 && errno != ENOENT) return failed("remove", file);
  return {};
}

}  // namespace lvs::profiles
