#include "verify/lab/enter.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "net/linux/fd.h"
#include "verify/core/failure.h"

namespace lvs::verify {
namespace {

using linux_net::UniqueFd;

Result<UniqueFd> open_path(const std::string& path) {
  UniqueFd fd{open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (fd) return fd;
  const int number = errno;
  return fail("open " + path + ": " + std::generic_category().message(number), number);
}

Result<void> set_namespace(const UniqueFd& fd, int kind, const char* name) {
  if (setns(fd.get(), kind) == 0) return {};
  const int number = errno;
  return fail(std::string{"enter the lab's "} + name +
                  " namespace: " + std::generic_category().message(number),
              number);
}

bool same_namespace(const UniqueFd& fd, const char* ours) {
  struct stat theirs {};
  struct stat own {};
  return fstat(fd.get(), &theirs) == 0 && stat(ours, &own) == 0 && theirs.st_ino == own.st_ino;
}

}  // namespace

Result<void> enter_host(const LabRecord& record, const RecordedHost& host) {
  const std::string proc = "/proc/" + std::to_string(record.holder.pid);
  // Everything is opened first: afterwards we are somebody else.
  LVS_TRY(const UniqueFd users, open_path(proc + "/ns/user"));
  LVS_TRY(const UniqueFd mounts, open_path(proc + "/ns/mnt"));
  LVS_TRY(const UniqueFd network, open_path(proc + "/fd/" + std::to_string(host.holder_fd)));
  LVS_TRY(const UniqueFd here, open_path("."));
  if (!is_running(record.holder)) return fail("the lab's holder has ended", ESRCH);
  if (!same_namespace(users, "/proc/self/ns/user"))
    LVS_CHECK(set_namespace(users, CLONE_NEWUSER, "user"));
  LVS_CHECK(set_namespace(mounts, CLONE_NEWNS, "mount"));
  LVS_CHECK(set_namespace(network, CLONE_NEWNET, "network"));
  if (fchdir(here.get()) != 0) return fail("go back to the current folder", errno);
  return {};
}

Failure run_in_host(const LabRecord& record, const std::string& host,
                    const std::filesystem::path& folder, const std::vector<std::string>& argv) {
  const RecordedHost* wanted = host.empty() ? nullptr : record.host(host);
  if (wanted == nullptr)
    return {ExitStatus::Usage,
            "lab " + record.name + " has no host " + host + "; it has " + record.host_names()};
  if (auto entered = enter_host(record, *wanted); !entered) return to_failure(entered.error());
  const std::string state = (folder / "state").string();
  // NOLINTNEXTLINE(concurrency-mt-unsafe): this process has one thread and becomes the program
  setenv("LVSKIT_STATE_DIR", state.c_str(), 1);
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv)
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): execvp's face; it does not write
    words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words.front(), words.data());
  return {ExitStatus::Failed,
          "run " + argv.front() + ": " + std::generic_category().message(errno)};
}

}  // namespace lvs::verify
