#include "profiles/core/sysctl_files.h"

#include <gtest/gtest.h>

#include "profiles/core/glob.h"

// sysctl.d(5) and what systemd-sysctl makes of it.

namespace lvs::profiles {
namespace {

constexpr const char* kAll = "net/ipv4/conf/all/arp_ignore";
constexpr const char* kEth0 = "net/ipv4/conf/eth0/arp_ignore";

std::vector<SysctlLine> of_one(const std::string& text) {
  return lines_in_effect({{{"/etc/sysctl.d/10-one.conf", text, false}}});
}

std::string value_of(const std::vector<SysctlLine>& lines, const std::string& key) {
  const SysctlLine* line = line_for(lines, key);
  return line == nullptr ? "none" : *line->value;
}

TEST(Glob, StarStopsAtASlash) {
  EXPECT_TRUE(matches_glob("net/ipv4/conf/*/rp_filter", "net/ipv4/conf/eth0.100/rp_filter"));
  EXPECT_FALSE(matches_glob("net/*/rp_filter", "net/ipv4/conf/eth0/rp_filter"));
  EXPECT_TRUE(matches_glob("*a*b", "aaab"));
  EXPECT_FALSE(matches_glob("*a*b", "aaabc"));
}

TEST(Glob, KnowsClassesAndQuestionMarks) {
  EXPECT_TRUE(matches_glob("eth[0-9]", "eth7"));
  EXPECT_FALSE(matches_glob("eth[!0-9]", "eth7"));
  EXPECT_TRUE(matches_glob("eth[x", "eth[x"));
  EXPECT_FALSE(matches_glob("a?b", "a/b"));
}

TEST(SysctlFiles, TheLaterNameWinsAcrossFolders) {
  const auto lines = lines_in_effect(
      {{{"/etc/sysctl.d/10-a.conf", "net.ipv4.conf.all.arp_ignore=1\n", false}},
       {{"/usr/lib/sysctl.d/50-b.conf", "# why\nnet.ipv4.conf.all.arp_ignore = 2\n", false}}});
  const SysctlLine* line = line_for(lines, kAll);
  ASSERT_NE(line, nullptr);
  EXPECT_EQ(*line->value, "2");
  EXPECT_EQ(line->file + ":" + std::to_string(line->line), "/usr/lib/sysctl.d/50-b.conf:2");
}

TEST(SysctlFiles, AFileHidesItsNameInLaterFolders) {
  const SysctlFile distribution{"/usr/lib/sysctl.d/50-b.conf", "net/ipv4/conf/all/arp_ignore=2",
                                false};
  EXPECT_EQ(
      value_of(lines_in_effect({{{"/etc/sysctl.d/50-b.conf", "", false}}, {distribution}}), kAll),
      "none");
  EXPECT_EQ(
      value_of(lines_in_effect({{{"/etc/sysctl.d/50-b.conf", "", true}}, {distribution}}), kAll),
      "none");
  EXPECT_EQ(value_of(lines_in_effect({{}, {distribution}}), kAll), "2") << "control";
}

TEST(SysctlFiles, ANamedKeyBeatsEveryGlob) {
  const auto lines = of_one(
      "net.ipv4.conf.eth0.arp_ignore = 3\nnet.ipv4.conf.*.arp_ignore = 0\n"
      "-net.ipv4.conf.all.arp_ignore\n");
  EXPECT_EQ(value_of(lines, kEth0), "3");
  EXPECT_EQ(value_of(lines, kAll), "none") << "a dash without a value keeps globs away";
  EXPECT_EQ(value_of(lines, "net/ipv4/conf/lo/arp_ignore"), "0");
}

TEST(SysctlFiles, DotsOfInterfaceNamesAreSlashes) {
  EXPECT_EQ(
      value_of(of_one("-net.ipv4.conf.eth0/100.rp_filter=2"), "net/ipv4/conf/eth0.100/rp_filter"),
      "2");
  EXPECT_EQ(
      value_of(of_one("net/ipv4/conf/eth0.100/rp_filter = 1"), "net/ipv4/conf/eth0.100/rp_filter"),
      "1");
}

TEST(SysctlFiles, IgnoresWhatIsNoSetting) { EXPECT_TRUE(of_one("# a\n; b\n\nnonsense\n").empty()); }

Desired quiet() {
  Desired desired;
  desired.wishes.emplace_back(SysctlWish{kAll, "1", {"1", "2"}, "silence"});
  desired.wishes.emplace_back(
      EffectiveWish{{"eth0", "arp_ignore", Combine::Max, {"1", "2"}, "silence"}, {}});
  return desired;
}

TEST(SysctlClashes, NamesFileAndLine) {
  const auto found = clashes(quiet(), {}, of_one("\nnet.ipv4.conf.all.arp_ignore=0\n"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].rfind("/etc/sysctl.d/10-one.conf:2 sets net.ipv4.conf.all.arp_ignore = 0", 0),
            0U)
      << found[0];
}

TEST(SysctlClashes, JudgesWhatTheKernelCombines) {
  Snapshot now;
  now.sysctls = {{kAll, "1"}, {kEth0, "1"}};
  const auto found = clashes(quiet(), now, of_one("net.ipv4.conf.eth0.arp_ignore=3"));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("effective arp_ignore on eth0 is 3"), std::string::npos) << found[0];
  EXPECT_TRUE(clashes(quiet(), now, of_one("net.ipv4.conf.eth0.arp_ignore=0")).empty())
      << "all = 1 rules";
}

TEST(SysctlClashes, AFileThatSetsAGoodValueIsFine) {
  EXPECT_TRUE(clashes(quiet(), {}, of_one("net.ipv4.conf.all.arp_ignore=2")).empty());
}

TEST(SysctlCulprit, IsTheLineThatExplainsTheValue) {
  const auto lines = of_one("net.ipv4.conf.*.arp_ignore=0");
  EXPECT_EQ(culprit(lines, kEth0, "0"), "; /etc/sysctl.d/10-one.conf:1 sets it");
  EXPECT_EQ(culprit(lines, kEth0, "3"), "");
}

}  // namespace
}  // namespace lvs::profiles
