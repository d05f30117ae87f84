#include "tests/lab/log_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

#include "net/linux/deadline.h"
#include "net/linux/fd.h"
#include "net/linux/pidfd.h"

namespace lvs::test {
namespace {

using linux_net::UniqueFd;

bool is_readable(const UniqueFd& fd) {
  pollfd readable{fd.get(), POLLIN, 0};
  return ::poll(&readable, 1, 0) == 1;
}

void drain(const UniqueFd& fd) {
  std::array<char, 4096> notes{};
  while (::read(fd.get(), notes.data(), notes.size()) > 0) continue;
}

}  // namespace

std::string contents(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

bool wait_for_text(const std::string& text, const std::filesystem::path& log,
                   const linux_net::ChildProcess& writer, std::chrono::seconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  const UniqueFd writes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  const UniqueFd end(::pidfd_open(writer.pid(), 0));
  if (!writes || !end || ::inotify_add_watch(writes.get(), log.c_str(), IN_MODIFY) < 0)
    return false;
  while (true) {
    drain(writes);
    const bool ended = is_readable(end);  // asked first: its last words are read all the same
    if (contents(log).find(text) != std::string::npos) return true;
    std::array<pollfd, 2> events{{{writes.get(), POLLIN, 0}, {end.get(), POLLIN, 0}}};
    const timespec left = linux_net::time_left(deadline);
    if (ended || ::ppoll(events.data(), events.size(), &left, nullptr) <= 0) return false;
  }
}

}  // namespace lvs::test
