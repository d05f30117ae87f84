#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "net/linux/namespace.h"
#include "net/linux/process.h"
#include "net/linux/sysctl.h"
#include "tests/lab/linux_support.h"

namespace lvs::linux_net {
namespace {

using Namespaces = OwnNamespace;

TEST_F(Namespaces, HaveIdsOfTheirOwn) {
  const NetNamespace other = another_namespace();
  const auto here = current_namespace_id();
  const Inside inside(other);
  const auto there = current_namespace_id();
  ASSERT_TRUE(here && there);
  EXPECT_NE(here->inode, there->inode);
  EXPECT_NE(here->cookie, there->cookie);
}

TEST_F(Namespaces, ACookieIsNotUsedAgain) {
  std::uint64_t first = 0;
  {
    const NetNamespace gone = another_namespace();
    const Inside inside(gone);
    first = current_namespace_id()->cookie;
  }
  const NetNamespace next = another_namespace();
  const Inside inside(next);
  EXPECT_NE(current_namespace_id()->cookie, first);
}

TEST_F(Namespaces, AreOpenedByThePathOfADescriptor) {
  const NetNamespace other = another_namespace();
  ASSERT_TRUE(open_routes().add_bridge("here"));
  const auto again = NetNamespace::open("/proc/self/fd/" + std::to_string(other.fd()));
  ASSERT_TRUE(again) << again.error().what;
  const Inside inside(*again);
  EXPECT_FALSE(open_routes().link_named("here"));
}

TEST_F(Namespaces, AreOpenedByThePidOfAProgramInThem) {
  const NetNamespace other = another_namespace();
  {
    const Inside inside(other);
    ASSERT_TRUE(open_routes().add_bridge("there"));
  }
  auto child = ChildProcess::start({.path = "sleep", .args = {"1000"}, .netns_fd = other.fd()}, {});
  ASSERT_TRUE(child) << child.error().what;
  const auto by_pid = NetNamespace::open(std::to_string(child->pid()));
  ASSERT_TRUE(by_pid) << by_pid.error().what;
  const Inside inside(*by_pid);
  EXPECT_TRUE(open_routes().link_named("there"));
}

TEST_F(Namespaces, AProgramRunsInTheOneItIsGiven) {
  const NetNamespace other = another_namespace();
  {
    const Inside inside(other);
    ASSERT_TRUE(open_routes().add_bridge("there"));
  }
  const Program show{.path = "ip", .args = {"-o", "link"}, .netns_fd = other.fd()};
  const auto done = run_program(show, std::chrono::seconds(30));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_NE(done->out.find("there"), std::string::npos) << done->out;
}

TEST_F(Namespaces, AProgramIsNotStartedWhereThereIsNoNamespace) {
  const auto done =
      run_program({.path = "true", .netns_fd = STDIN_FILENO}, std::chrono::seconds(30));
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error().what.starts_with("enter the network namespace of "))
      << done.error().what;
}

TEST_F(Namespaces, ASysctlIsThatOfTheNamespaceOfTheThread) {
  constexpr const char* key = "net/ipv4/conf/all/arp_ignore";
  const NetNamespace other = another_namespace();
  ASSERT_TRUE(write_sysctl(key, "1"));
  {
    const Inside inside(other);
    ASSERT_TRUE(write_sysctl(key, "2"));
    EXPECT_EQ(*read_sysctl(key), "2");
  }
  EXPECT_EQ(*read_sysctl(key), "1");
}

TEST_F(Namespaces, ASysctlSaysWhyAValueIsRefused) {
  const auto written = write_sysctl("net/ipv4/conf/all/arp_ignore", "many");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().what, "write net.ipv4.conf.all.arp_ignore=many: Invalid argument");
}

}  // namespace
}  // namespace lvs::linux_net
