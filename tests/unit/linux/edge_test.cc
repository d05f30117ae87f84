#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "net/base/sysctl_name.h"
#include "net/linux/fd.h"
#include "net/linux/file.h"
#include "net/linux/log.h"
#include "net/linux/namespace.h"
#include "net/linux/sys_error.h"
#include "net/linux/sysctl.h"

// The small things at the edge that need no right at all.

namespace lvs::linux_net {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

TEST(UniqueFd, ClosesWhatItOwns) {
  int number = -1;
  {
    const UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    number = fd.get();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, AssignmentClosesTheOldOne) {
  UniqueFd a(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  UniqueFd b(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int old = a.get();
  const int kept = b.get();
  a = std::move(b);
  EXPECT_FALSE(is_open(old));
  EXPECT_EQ(a.get(), kept);
  UniqueFd& same = a;
  a = std::move(same);
  EXPECT_TRUE(is_open(a.get())) << "assigning to itself loses nothing";
}

TEST(UniqueFd, ReleaseGivesItUp) {
  UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd other(fd.release());
  EXPECT_FALSE(fd);
  EXPECT_TRUE(is_open(other.get()));
}

TEST(Sysctl, ReadsWithoutTheNewline) {
  const auto value = read_sysctl("kernel/ostype");
  ASSERT_TRUE(value) << value.error().what;
  EXPECT_EQ(*value, "Linux");
}

TEST(Sysctl, SaysWhatIsMissing) {
  const auto value = read_sysctl("net/ipv4/conf/eth0.100/no_such");
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().what, "read net.ipv4.conf.eth0/100.no_such: No such file or directory");
  EXPECT_EQ(value.error().sys_errno, ENOENT);
  EXPECT_FALSE(write_sysctl("no/such", "1"));
}

TEST(Sysctl, NeverLeavesItsFolder) {
  for (const char* key : {"", "../../etc/passwd", "net/../../etc/passwd", "/etc/passwd", "net//x",
                          "net/./x", "net/", "."}) {
    EXPECT_EQ(read_sysctl(key).error().sys_errno, EINVAL) << key;
    EXPECT_EQ(write_sysctl(key, "1").error().sys_errno, EINVAL) << key;
  }
}

TEST(Sysctl, DottedSwapsDotsAndSlashes) {
  EXPECT_EQ(dotted("net/ipv4/conf/eth0.100/arp_ignore"), "net.ipv4.conf.eth0/100.arp_ignore");
}

TEST(ReadSmallFile, RefusesWhatIsLargerThanSaid) {
  EXPECT_EQ(read_small_file("/dev/zero", 100000).error().sys_errno, EFBIG);
}

TEST(ErrnoText, KnowsKnownAndUnknownNumbers) {
  EXPECT_EQ(errno_text(EEXIST), "File exists");
  EXPECT_EQ(errno_text(4000), "error 4000");
}

TEST(NetNamespace, OpensOursByPidAndByPath) {
  EXPECT_TRUE(NetNamespace::open(std::to_string(::getpid())));
  EXPECT_TRUE(NetNamespace::open("/proc/self/ns/net"));
}

TEST(NetNamespace, ListsWhatWasTried) {
  const auto by_name = NetNamespace::open("no-such-namespace");
  ASSERT_FALSE(by_name);
  EXPECT_EQ(
      by_name.error().what,
      "network namespace \"no-such-namespace\": /run/netns/no-such-namespace: No such file or "
      "directory");
  const auto by_pid = NetNamespace::open("999999999");
  ASSERT_FALSE(by_pid);
  EXPECT_NE(by_pid.error().what.find("/run/netns/999999999"), std::string::npos);
  EXPECT_NE(by_pid.error().what.find("/proc/999999999/ns/net"), std::string::npos);
  EXPECT_FALSE(NetNamespace::open(""));
}

TEST(NetNamespace, RefusesWhatIsNoNetworkNamespace) {
  EXPECT_EQ(NetNamespace::open("/proc/self/ns/mnt").error().what,
            "network namespace \"/proc/self/ns/mnt\": /proc/self/ns/mnt: not a network namespace");
  EXPECT_FALSE(NetNamespace::open("/dev/null"));
}

TEST(NamespaceId, IsTheSameEachTime) {
  const auto id = current_namespace_id();
  ASSERT_TRUE(id) << id.error().what;
  EXPECT_NE(id->inode, 0U);
  EXPECT_EQ(*id, *current_namespace_id());
}

TEST(BootId, IsOneLine) {
  const auto id = boot_id();
  ASSERT_TRUE(id);
  EXPECT_EQ(id->size(), 36U);
}

TEST(Log, GoesToStandardErrorWithLevelAndProgram) {
  testing::internal::CaptureStderr();
  log::init("lvs-test");
  log::debug("unseen");
  log::warn("{} is no format");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("warning lvs-test: {} is no format\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("unseen"), std::string::npos);
}

}  // namespace
}  // namespace lvs::linux_net
