#include "profiles/core/persistence.h"

#include <gtest/gtest.h>

namespace lvs::profiles {
namespace {

BootSetup boot() {
  return {{},    "lvs-realserver", "/opt/a b/100%/lvs-realserver", "web", "/etc/web.toml",
          "rs1", Role::RealServer};
}

SetSysctl arp_ignore(const std::string& value) {
  return {"net/ipv4/conf/all/arp_ignore", value, "0", "0"};
}

AddressFact vip_on_lo() {
  AddressFact fact;
  fact.link = "lo";
  fact.addr = Ipv4Addr{192, 168, 1, 99};
  return fact;
}

JournalHeader header_of(const std::string& boot_id) {
  JournalHeader header;
  header.program = "lvs-realserver";
  header.profile = "web";
  header.boot_id = boot_id;
  return header;
}

Journal journal_of(const std::vector<JournalRecord>& records) {
  Journal journal;
  for (const JournalRecord& record : records) EXPECT_TRUE(journal.add(record));
  return journal;
}

TEST(BootFiles, TheUnitRunsApplyWithWholePaths) {
  const FileFact unit = unit_file(boot());
  EXPECT_EQ(unit.path, "/etc/systemd/system/lvskit-realserver@web.service");
  EXPECT_NE(unit.content.find("ExecStart=\"/opt/a b/100%%/lvs-realserver\" apply --persistent "
                              "--host \"rs1\" \"/etc/web.toml\"\n"),
            std::string::npos)
      << unit.content;
}

TEST(BootFiles, TheLinkMeansTheUnitOnTheRunningSystem) {
  BootSetup elsewhere = boot();
  elsewhere.places.root = "/tmp/root";
  const FileFact link = enabling_link(elsewhere);
  EXPECT_EQ(link.path,
            "/tmp/root/etc/systemd/system/multi-user.target.wants/lvskit-realserver@web.service");
  EXPECT_EQ(link.content, "/etc/systemd/system/lvskit-realserver@web.service");
  EXPECT_TRUE(link.is_link);
}

TEST(BootFiles, TheSysctlsAreThoseOfTheHostAfterThePlan) {
  Desired desired;
  desired.wishes.emplace_back(SysctlWish{"net/ipv4/conf/all/arp_announce", "2", {"2"}, ""});
  desired.wishes.emplace_back(SysctlWish{"net/ipv4/conf/all/arp_ignore", "1", {"1", "2"}, ""});
  const auto values = boot_sysctls(desired, {}, {{1, arp_ignore("2"), false}});
  EXPECT_EQ(values.at("net/ipv4/conf/all/arp_ignore"), "2") << "what we had set";
  const FileFact file = sysctl_file(boot(), values);
  EXPECT_NE(file.content.find("\nnet.ipv4.conf.all.arp_announce = 2\n"), std::string::npos);
}

TEST(BootFiles, StandAroundEverythingElse) {
  Desired desired;
  desired.wishes.emplace_back(SysctlWish{"net/ipv4/conf/all/arp_ignore", "1", {"1"}, ""});
  add_boot_files(desired, boot(), {{"net/ipv4/conf/all/arp_ignore", "1"}}, {}, false);
  ASSERT_EQ(desired.wishes.size(), 4U);
  EXPECT_TRUE(std::holds_alternative<ObjectWish<FileFact>>(desired.wishes.front()));
  EXPECT_TRUE(std::holds_alternative<ObjectWish<FileFact>>(desired.wishes.back()));
}

TEST(JournalAfterBoot, KeepsTheFilesAndWhatTheySet) {
  const FileFact file{"/etc/sysctl.d/99-zz-lvskit-web.conf", "x", false};
  const Journal old = journal_of({header_of("one"), Intent{1, Add<FileFact>{file}}, Done{1},
                                  Intent{2, arp_ignore("1")}, Done{2},
                                  Intent{3, AddAddress{vip_on_lo()}}, Done{3}, Complete{}});
  const Journal now = journal_of(records_after_boot(old, header_of("two")));
  ASSERT_EQ(now.entries().size(), 2U);
  EXPECT_EQ(now.entries()[0].step, Step{Add<FileFact>{file}});
  EXPECT_EQ(now.entries()[1].number, 2U);
  EXPECT_TRUE(now.completed());
  EXPECT_EQ(now.header().boot_id, "two");
}

TEST(JournalAfterBoot, AnUnfinishedApplyIsUnfinishedStill) {
  const FileFact file{"/etc/sysctl.d/99-zz-lvskit-web.conf", "x", false};
  const Journal old = journal_of({header_of("one"), Intent{1, Add<FileFact>{file}}, Done{1},
                                  Intent{2, AddAddress{vip_on_lo()}}});
  const Journal now = journal_of(records_after_boot(old, header_of("two")));
  ASSERT_EQ(now.pending().size(), 1U);
  EXPECT_TRUE(now.pending()[0].done);
  EXPECT_FALSE(now.completed());
}

TEST(JournalAfterBoot, WithoutFilesNothingComesBack) {
  const Journal old =
      journal_of({header_of("one"), Intent{2, arp_ignore("1")}, Done{2}, Complete{}});
  EXPECT_TRUE(journal_of(records_after_boot(old, header_of("two"))).empty());
}

}  // namespace
}  // namespace lvs::profiles
