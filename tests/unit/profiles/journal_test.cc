#include "profiles/core/journal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "profiles/io/journal_file.h"
#include "profiles/io/journal_on_demand.h"
#include "profiles/io/journal_text.h"
#include "tests/support/fake_kernel.h"

namespace lvs::profiles {
namespace {

SetSysctl some_step() { return {"net/ipv4/conf/all/arp_ignore", "1", "0", "0"}; }

std::string text_of(const std::vector<JournalRecord>& records) {
  std::string text;
  for (const JournalRecord& record : records) text += journal_line(record) + "\n";
  return text;
}

std::vector<JournalRecord> whole_apply() {
  return {test::fake_header("web"), Intent{1, some_step()}, Done{1},
          Complete{{{some_step().key, {"1", "2"}}}, false}};
}

TEST(Journal, ComesBackFromItsText) {
  const std::vector<JournalRecord> records{
      test::fake_header("web"),
      Intent{1, some_step()},
      Done{1},
      Intent{2, some_step(), IntentKind::Drop, true},
      Done{2},
      Complete{{{some_step().key, {"1", "2"}}}, true},
      Undone{1, "because"},
  };
  for (const JournalRecord& record : records) {
    const auto again = journal_record(journal_line(record));
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(*again, record);
  }
}

TEST(Journal, OwnsWhatACompleteApplyMade) {
  const auto read = read_journal(text_of(whole_apply()));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_TRUE(read->journal.completed());
  EXPECT_FALSE(read->journal.unfinished());
  ASSERT_EQ(read->journal.entries().size(), 1U);
  EXPECT_EQ(read->journal.wants().at(some_step().key), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(read->journal.next_number(), 2U);
}

TEST(Journal, KnowsWhatWaitsForAConfirmation) {
  const Armed armed{{4711, 99}, 60'000};
  const Awaiting awaiting{{{"net/ipv4/conf/all/arp_ignore", {"1", "2"}}}, 123'456};
  Journal journal;
  ASSERT_TRUE(journal.add(lvs::test::fake_header("web")));
  ASSERT_TRUE(journal.add(armed));
  EXPECT_TRUE(journal.unfinished());
  EXPECT_FALSE(journal.add(armed)) << "only once";
  ASSERT_TRUE(journal.add(awaiting));
  EXPECT_EQ(journal.wants(), awaiting.wants);
  for (const JournalRecord& record :
       {JournalRecord{armed}, JournalRecord{awaiting}, JournalRecord{Disarmed{"not confirmed"}}}) {
    const auto read = journal_record(journal_line(record));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, record);
  }
  ASSERT_TRUE(journal.add(Disarmed{"not confirmed"}));
  EXPECT_EQ(journal.armed(), nullptr);
  EXPECT_FALSE(journal.add(awaiting)) << "the way back has begun";
}

TEST(Journal, IsUnfinishedAtEveryPointBeforeComplete) {
  const std::vector<JournalRecord> records = whole_apply();
  for (std::size_t count = 2; count < records.size(); ++count) {
    const auto read =
        read_journal(text_of({records.begin(), records.begin() + static_cast<long>(count)}));
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->journal.unfinished()) << count;
    EXPECT_TRUE(read->journal.entries().empty()) << count;
  }
}

TEST(Journal, ToleratesATornLastLineWhereverItBreaks) {
  const std::string whole = text_of(whole_apply());
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    const auto read = read_journal(std::string_view(whole).substr(0, length));
    ASSERT_TRUE(read) << length << ": " << read.error().what;
    EXPECT_TRUE(read->good_bytes == 0 || whole[read->good_bytes - 1] == '\n');
  }
}

TEST(Journal, RefusesAHigherSchemaNamingBoth) {
  JournalHeader header = test::fake_header("web");
  header.schema = 2;
  const auto read = read_journal(text_of({header}));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what,
            "line 1: the journal has schema 2, this program knows up to 1: use the program that "
            "wrote it");
}

TEST(Journal, RefusesDamageInTheMiddle) {
  const std::string header = journal_line(test::fake_header("web")) + "\n";
  const char* const broken[] = {"garbage\n",
                                "{}\n",
                                "[]\n",
                                "{\"done\":1}\n",
                                "{\"undone\":1}\n",
                                "{\"intent\":1}\n",
                                "{\"intent\":\"x\",\"step\":{}}\n",
                                "{\"complete\":true}\n",
                                "{\"complete\":true,\"wants\":{\"k\":1}}\n",
                                "\n"};
  for (const char* line : broken) EXPECT_FALSE(read_journal(header + line)) << line;
  EXPECT_FALSE(read_journal(header + header));
  EXPECT_FALSE(read_journal(journal_line(Done{1}) + "\n"));
  EXPECT_FALSE(
      read_journal(text_of({test::fake_header("web"), Intent{1, some_step()}, Complete{}})));
}

TEST(Journal, KeepsAnEntrysNumberWithItsObject) {
  std::vector<JournalRecord> records = whole_apply();
  records.insert(records.end(),
                 {Intent{1, SetSysctl{some_step().key, "2", "0", "0"}}, Done{1}, Complete{}});
  const auto read = read_journal(text_of(records));
  ASSERT_TRUE(read);
  ASSERT_EQ(read->journal.entries().size(), 1U);
  EXPECT_EQ(std::get<SetSysctl>(read->journal.entries()[0].step).value, "2");
}

TEST(Journal, MakesARunsEntriesStayWhenAnApplyCompletes) {
  std::vector<JournalRecord> records{test::fake_header("web"), Intent{1, some_step()}, Done{1},
                                     Complete{{}, true}};
  EXPECT_TRUE(read_journal(text_of(records))->journal.entries().at(0).for_run);
  records.emplace_back(Complete{{}, false});
  EXPECT_FALSE(read_journal(text_of(records))->journal.entries().at(0).for_run);
}

/// No file of this process may grow beyond so many bytes while this lives.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  SmallDisk(SmallDisk&&) = delete;
  SmallDisk& operator=(SmallDisk&&) = delete;
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &old_);
    static_cast<void>(std::signal(SIGXFSZ, old_handler_));
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int) = nullptr;
};

class JournalOnDisk : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "lvskit-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

TEST_F(JournalOnDisk, AppendsAndReadsBack) {
  auto file = JournalFile::open(folder / "web.journal");
  ASSERT_TRUE(file) << file.error().what;
  for (const JournalRecord& record : whole_apply()) ASSERT_TRUE(file->write(record));
  const auto journal = load_journal(folder / "web.journal");
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->entries().size(), 1U);
}

TEST_F(JournalOnDisk, CutsATornLineOffBeforeItWrites) {
  std::ofstream(folder / "web.journal")
      << journal_line(test::fake_header("web")) << "\n{\"intent\":1,\"st";
  auto file = JournalFile::open(folder / "web.journal");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write(Intent{1, some_step()}));
  const auto journal = load_journal(folder / "web.journal");
  ASSERT_TRUE(journal) << journal.error().what;
  EXPECT_EQ(journal->pending().size(), 1U);
}

TEST_F(JournalOnDisk, IsMadeByTheFirstRecordAndBeginsWithTheHeader) {
  JournalOnDemand file(folder / "web.journal", test::fake_header("web"));
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  ASSERT_TRUE(file.write(Intent{1, some_step()}));
  ASSERT_TRUE(file.write(Done{1}));
  const auto journal = load_journal(folder / "web.journal");
  ASSERT_TRUE(journal) << journal.error().what;
  EXPECT_EQ(journal->header().profile, "web");
  EXPECT_EQ(journal->pending().size(), 1U);
}

TEST_F(JournalOnDisk, StaysAsItIsUntilThereIsARecord) {
  const std::string torn = journal_line(test::fake_header("web")) + "\n{\"intent\":1,\"st";
  std::ofstream(folder / "web.journal") << torn;
  JournalOnDemand file(folder / "web.journal", std::nullopt);
  EXPECT_EQ(std::filesystem::file_size(folder / "web.journal"), torn.size());
  ASSERT_TRUE(file.write(Intent{1, some_step()}));
  const auto journal = load_journal(folder / "web.journal");
  ASSERT_TRUE(journal) << journal.error().what;
  EXPECT_EQ(journal->pending().size(), 1U);
}

TEST_F(JournalOnDisk, WritesItsHeaderAgainWhenThatFailed) {
  JournalOnDemand file(folder / "web.journal", test::fake_header("web"));
  {
    const SmallDisk disk(10);
    EXPECT_FALSE(file.reserve());
  }
  ASSERT_TRUE(file.write(Intent{1, some_step()}));
  const auto journal = load_journal(folder / "web.journal");
  ASSERT_TRUE(journal) << journal.error().what;
  EXPECT_EQ(journal->pending().size(), 1U);
}

TEST_F(JournalOnDisk, IsEmptyWhenThereIsNoFile) {
  const auto journal = load_journal(folder / "none.journal");
  ASSERT_TRUE(journal);
  EXPECT_FALSE(journal->has_header());
}

TEST_F(JournalOnDisk, FindsTheOtherProfilesOnly) {
  for (const char* name : {"web", "shop"}) {
    auto file = JournalFile::open(folder / (std::string(name) + ".journal"));
    ASSERT_TRUE(file->write(test::fake_header(name)));
  }
  const auto others = load_other_journals(folder, "web");
  ASSERT_TRUE(others);
  ASSERT_EQ(others->size(), 1U);
  EXPECT_EQ(others->at(0).header().profile, "shop");
  EXPECT_TRUE(load_other_journals(folder / "none", "web")->empty());
}

TEST_F(JournalOnDisk, CutsOffWhatItCouldNotWriteWhole) {
  auto file = JournalFile::open(folder / "web.journal");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write(test::fake_header("web")));
  const auto size = std::filesystem::file_size(folder / "web.journal");
  {
    const SmallDisk disk(size + 10);
    const auto written = file->write(Intent{1, some_step()});
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().sys_errno, EFBIG);
  }
  EXPECT_EQ(std::filesystem::file_size(folder / "web.journal"), size);
  EXPECT_TRUE(file->write(Intent{1, some_step()}));
}

}  // namespace
}  // namespace lvs::profiles
