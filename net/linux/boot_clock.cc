#include "net/linux/boot_clock.h"

#include <poll.h>
#include <sys/timerfd.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "net/linux/fd.h"
#include "net/linux/sys_error.h"

namespace lvs::linux_net {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

timespec timespec_of(milliseconds time) {
  const auto whole = std::chrono::floor<seconds>(time);
  return {whole.count(), nanoseconds(time - whole).count()};
}

}  // namespace

milliseconds boot_time() {
  timespec now{};
  // It cannot fail: every kernel since 2.6.39 has the clock.
  static_cast<void>(::clock_gettime(CLOCK_BOOTTIME, &now));
  return std::chrono::duration_cast<milliseconds>(seconds(now.tv_sec) + nanoseconds(now.tv_nsec));
}

Result<bool> wait_for_end(int pidfd, milliseconds until) {
  const UniqueFd timer(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC));
  if (!timer) return fail_errno("make a timer");
  itimerspec when{};
  // Zero would stop the timer instead of letting it end at once.
  when.it_value = timespec_of(until.count() > 0 ? until : milliseconds(1));
  if (::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &when, nullptr) != 0)
    return fail_errno("set a timer");
  std::array<pollfd, 2> events{pollfd{timer.get(), POLLIN, 0}, pollfd{pidfd, POLLIN, 0}};
  while (::poll(events.data(), events.size(), -1) < 0)
    if (errno != EINTR) return fail_errno("wait for a process");
  return events[1].revents != 0;
}

}  // namespace lvs::linux_net
