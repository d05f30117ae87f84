#include "tests/lab/linux_support.h"

#include <fcntl.h>
#include <linux/if.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "net/linux/deadline.h"
#include "net/linux/fd.h"
#include "net/linux/sys_error.h"
#include "net/linux/sysctl.h"

namespace lvs::linux_net {
namespace {

bool write_file(const char* path, std::string_view text) {
  const UniqueFd file(::open(path, O_WRONLY | O_CLOEXEC));
  return file && ::write(file.get(), text.data(), text.size()) == std::ssize(text);
}

/// Until the kernel has noticed the carrier (a worker of its own does, up to a second later), a
/// link that is up drops whatever is sent.
void wait_until_operational(const std::string& name) {
  auto events = RouteEvents::open();
  ASSERT_TRUE(events) << events.error().what;
  const auto is_operational = [&] {
    auto routes = RouteSocket::open();
    const auto found = routes->link_named(name);
    return found && found->oper_state == IF_OPER_UP;
  };
  const auto deadline = soon();
  while (!is_operational()) {
    pollfd readable{events->fd(), POLLIN, 0};
    const timespec left = time_left(deadline);
    ASSERT_EQ(::ppoll(&readable, 1, &left, nullptr), 1) << name << " has no carrier";
    ASSERT_TRUE(events->pending());
  }
}

/// Root in a user namespace of our own. There is no way back, and none is needed.
bool become_root_of_own_user_namespace() {
  const std::string uid = std::to_string(::geteuid());
  const std::string gid = std::to_string(::getegid());
  return ::unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
         write_file("/proc/self/uid_map", "0 " + uid + " 1") &&
         write_file("/proc/self/gid_map", "0 " + gid + " 1");
}

}  // namespace

void OwnNamespace::SetUp() {
  auto home = NetNamespace::current();
  ASSERT_TRUE(home) << home.error().what;
  if (::unshare(CLONE_NEWNET) != 0 &&
      (errno != EPERM || !become_root_of_own_user_namespace() || ::unshare(CLONE_NEWNET) != 0))
    GTEST_SKIP() << "needs CAP_SYS_ADMIN or user namespaces: " << errno_text(errno);
  home_ = *std::move(home);
  RouteSocket routes = open_routes();
  ASSERT_TRUE(routes.set_up(link("lo").index));
}

void OwnNamespace::TearDown() {
  // From inside a user namespace there is no way home; the next test makes its own namespace
  // anyway.
  if (home_) static_cast<void>(home_->enter());
}

NetNamespace OwnNamespace::another_namespace() {
  const auto here = NetNamespace::current();
  EXPECT_EQ(::unshare(CLONE_NEWNET), 0);
  auto other = NetNamespace::current();
  EXPECT_TRUE(here->enter());
  Inside inside(*other);
  RouteSocket routes = open_routes();
  EXPECT_TRUE(routes.set_up(link("lo").index));
  return *std::move(other);
}

RouteSocket OwnNamespace::open_routes() {
  auto routes = RouteSocket::open();
  EXPECT_TRUE(routes) << routes.error().what;
  return *std::move(routes);
}

Link OwnNamespace::link(const std::string& name) {
  const auto found = open_routes().link_named(name);
  EXPECT_TRUE(found) << found.error().what;
  return found ? *found : Link{};
}

void OwnNamespace::connect(const std::string& here, const NetNamespace& other,
                           const std::string& there) {
  const NetNamespace home = *NetNamespace::current();
  RouteSocket routes = open_routes();
  const auto made = routes.add_veth(here, there, other.fd());
  EXPECT_TRUE(made) << made.error().what;
  EXPECT_TRUE(routes.set_up(link(here).index));
  // IPv6 of a fresh link sends packets of its own, which no test here wants to see.
  EXPECT_TRUE(write_sysctl("net/ipv6/conf/" + here + "/disable_ipv6", "1"));
  Inside inside(other);
  EXPECT_TRUE(write_sysctl("net/ipv6/conf/" + there + "/disable_ipv6", "1"));
  EXPECT_TRUE(open_routes().set_up(link(there).index));
  wait_until_operational(there);
  const Inside back(home);
  wait_until_operational(here);
}

Inside::Inside(const NetNamespace& other) : home_(*NetNamespace::current()) {
  EXPECT_TRUE(other.enter());
}

Inside::~Inside() { EXPECT_TRUE(home_.enter()); }

}  // namespace lvs::linux_net
