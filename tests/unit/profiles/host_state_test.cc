#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "net/json/json.h"
#include "net/linux/namespace.h"
#include "profiles/host/examine.h"
#include "profiles/host/host_part.h"
#include "profiles/host/profile_name.h"
#include "profiles/host/report.h"
#include "profiles/io/journal_text.h"
#include "profiles/io/state_dir.h"

namespace lvs::host {
namespace {

class HostState : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "lvskit-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    auto located = profiles::StateDir::locate(folder.string());
    ASSERT_TRUE(located) << located.error().what;
    state.emplace(std::move(*located));
    ASSERT_TRUE(state->create());
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  profiles::JournalHeader header_here() const {
    return {.program = "test",
            .profile = "web",
            .host = "rs1",
            .boot_id = *linux_net::boot_id(),
            .namespace_inode = state->namespace_id().inode,
            .namespace_cookie = state->namespace_id().cookie};
  }
  void write_journal(const profiles::JournalHeader& header) {
    std::ofstream(state->journal("web")) << profiles::journal_line(header) << "\n"
                                         << profiles::journal_line(profiles::Complete{}) << "\n";
  }
  std::string write_profile(const std::string& text) {
    std::ofstream(folder / "p.toml") << text;
    return folder / "p.toml";
  }

  std::filesystem::path folder;
  std::optional<profiles::StateDir> state;
};

TEST_F(HostState, LiesInAFolderOfItsNamespace) {
  EXPECT_EQ(state->path().parent_path(), folder);
  EXPECT_EQ(state->path().filename().string().rfind("ns-", 0), 0U);
  EXPECT_EQ(state->journal("web").filename(), "web.journal");
}

TEST_F(HostState, IsLockedByOneAtATime) {
  const auto first = profiles::StateLock::take(state->path() / "lock", "lvs-director run x.toml");
  ASSERT_TRUE(first) << first.error().what;
  const auto second = profiles::StateLock::take(state->path() / "lock", "another");
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find("lvs-director run x.toml, pid " + std::to_string(getpid())),
            std::string::npos)
      << second.error().what;
}

TEST_F(HostState, IsFreeAgainWhenTheHolderGoes) {
  { ASSERT_TRUE(profiles::StateLock::take(state->path() / "lock", "a longer text than the next")); }
  ASSERT_TRUE(profiles::StateLock::take(state->path() / "lock", "b"));
}

TEST_F(HostState, TakesAJournalOfThisBootAndNamespace) {
  write_journal(header_here());
  const auto journals = read_journals(*state, "web");
  ASSERT_TRUE(journals) << journals.error().message;
  EXPECT_TRUE(journals->own.completed());
  EXPECT_TRUE(journals->stale.empty());
}

TEST_F(HostState, SetsAJournalOfAnEarlierBootAside) {
  profiles::JournalHeader header = header_here();
  header.boot_id = "another-boot";
  write_journal(header);
  const auto journals = read_journals(*state, "web");
  ASSERT_TRUE(journals);
  EXPECT_FALSE(journals->own.has_header());
  EXPECT_NE(journals->stale.find("earlier boot"), std::string::npos);
}

TEST_F(HostState, RefusesAJournalOfAnotherNamespace) {
  profiles::JournalHeader header = header_here();
  ++header.namespace_inode;
  write_journal(header);
  const auto journals = read_journals(*state, "web");
  ASSERT_FALSE(journals);
  EXPECT_EQ(journals.error().status, ExitStatus::Failed);
  EXPECT_NE(journals.error().message.find("another network namespace"), std::string::npos);
}

TEST_F(HostState, SeesTheJournalsOfOtherProfilesOfThisBoot) {
  write_journal(header_here());
  const auto journals = read_journals(*state, "shop");
  ASSERT_TRUE(journals);
  EXPECT_EQ(journals->others.size(), 1U);
  profiles::JournalHeader header = header_here();
  header.boot_id = "another-boot";
  write_journal(header);
  EXPECT_TRUE(read_journals(*state, "shop")->others.empty());
}

TEST_F(HostState, ListsEveryMistakeOfAProfile) {
  HostOptions options;
  options.program = "lvs-realserver";
  options.profile = write_profile("name = \"Web!\"\nbogus = 1\n");
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(plan(options, out, err), ExitStatus::BadProfile);
  EXPECT_NE(err.str().find("p.toml:1:"), std::string::npos) << err.str();
  EXPECT_NE(err.str().find("p.toml:2:"), std::string::npos) << err.str();
  options.json = true;
  std::ostringstream document;
  EXPECT_EQ(plan(options, document, err), ExitStatus::BadProfile);
  const auto json = parse_json(document.str());
  ASSERT_TRUE(json) << json.error().what;
  EXPECT_EQ(*json->int_at("schema"), 1);
  EXPECT_EQ(*json->text_at("command"), "plan");
  EXPECT_EQ(*json->text_at("result"), "failed");
  const Json::Array& errors = *json->find("errors")->as_array();
  ASSERT_GE(errors.size(), 2U);
  EXPECT_EQ(*errors.front().int_at("line"), 1);
  EXPECT_EQ(*errors.back().int_at("line"), 2);
}

TEST_F(HostState, SaysThatAProfileCannotBeRead) {
  HostOptions options;
  options.program = "lvs-realserver";
  options.profile = folder / "none.toml";
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(check(options, out, err), ExitStatus::BadProfile);
  EXPECT_NE(err.str().find("none.toml"), std::string::npos);
}

TEST_F(HostState, TakesABareNameForRevertAndStatus) {
  EXPECT_EQ(profile_name("web-2"), "web-2");
  EXPECT_FALSE(profile_name("no/such.toml"));
  EXPECT_FALSE(profile_name("Web"));
  HostOptions options;
  options.program = "lvs-realserver";
  options.profile = "web";
  options.state_dir = folder.string();
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(revert(options, out, err), ExitStatus::Ok) << err.str();
  EXPECT_EQ(status(options, out, err), ExitStatus::Ok) << err.str();
  EXPECT_NE(out.str().find("Nothing to revert."), std::string::npos);
  EXPECT_NE(out.str().find("Not applied."), std::string::npos);
}

TEST_F(HostState, ReportsAnUnfinishedApply) {
  std::ofstream(state->journal("web"))
      << profiles::journal_line(header_here()) << "\n"
      << profiles::journal_line(profiles::Intent{
             1, profiles::SetSysctl{"net/ipv4/conf/all/arp_ignore", "1", "0", "0"}})
      << "\n";
  HostOptions options;
  options.program = "lvs-realserver";
  options.profile = "web";
  options.state_dir = folder.string();
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(status(options, out, err), ExitStatus::Differs) << err.str();
  EXPECT_NE(out.str().find("did not finish (1 step)"), std::string::npos) << out.str();
}

}  // namespace
}  // namespace lvs::host
