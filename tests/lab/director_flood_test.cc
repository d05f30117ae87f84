#include <gtest/gtest.h>

#include "tests/lab/conversations.h"
#include "tests/lab/director_figures.h"
#include "tests/lab/director_lab.h"
#include "tests/lab/raw_flood.h"

// A running director with a small table, in a flood of SYNs ten times as long as the table.

namespace lvs::test {
namespace {

constexpr Ipv4Addr kVip(192, 168, 1, 99);
constexpr std::uint32_t kTable = 20000;
constexpr std::size_t kConversations = 300;

std::string profile(const std::string& more) {
  return profile_text(R"(["rs1", "rs2"])") + "[engine]\nconnections = " + std::to_string(kTable) +
         "\n" + more;
}

class DirectorFlood : public ::testing::Test {
 protected:
  void SetUp() override {
    lab_ = DirectorLab::make();
    if (!lab_) GTEST_SKIP() << "needs the right to make network namespaces (CAP_SYS_ADMIN)";
    one_ = std::make_unique<EchoingServer>(lab_->rs1);
    two_ = std::make_unique<EchoingServer>(lab_->rs2);
  }
  DirectorFigures figures() const { return DirectorFigures(lab_->list()); }
  /// A flood during which the conversations go on, some of them after each part of it. False when
  /// one did not.
  bool flood(RawFlood& flood, Conversations& conversations, std::uint32_t count) {
    constexpr std::uint32_t part = 5000;
    bool all_speak = true;
    for (std::uint32_t sent = 0; sent < count && all_speak; sent += part) {
      flood.send(part);
      for (int i = 0; i < 5; ++i)
        all_speak = all_speak && conversations.speaks(speaker_++ % conversations.size());
    }
    return all_speak;
  }

  std::unique_ptr<DirectorLab> lab_;
  std::unique_ptr<EchoingServer> one_, two_;
  std::size_t speaker_ = 0;
};

TEST_F(DirectorFlood, OfTenTimesTheTableLeavesEveryConversationAndItsMemoryAsTheyWere) {
  lab_->run_director(profile("new_flows_per_second = 1000000\n"));
  Conversations conversations(lab_->client, kVip, kConversations);
  ASSERT_EQ(conversations.size(), kConversations);
  RawFlood syns(lab_->client, mac_of(lab_->director));
  EXPECT_TRUE(flood(syns, conversations, 2 * kTable));
  EXPECT_GT(figures().dropped("table_full"), 0) << "the table is full";
  const std::int64_t before = figures().resident_pages();
  EXPECT_TRUE(flood(syns, conversations, 8 * kTable));
  EXPECT_LT(figures().resident_pages(), before + 256) << "1 MiB";
  EXPECT_EQ(conversations.count_speaking(), kConversations);
  EXPECT_LE(figures().connections(), kTable);
  figures().expect_conserved();
}

TEST_F(DirectorFlood, IsHeldToTheLimitOfNewFlows) {
  lab_->run_director(profile("new_flows_per_second = 500\n"));
  Conversations conversations(lab_->client, kVip, kConversations);
  ASSERT_EQ(conversations.size(), kConversations);
  RawFlood syns(lab_->client, mac_of(lab_->director));
  EXPECT_TRUE(flood(syns, conversations, 3 * kTable));
  EXPECT_GT(figures().dropped("new_flow_limit"), 0);
  EXPECT_EQ(conversations.count_speaking(), kConversations);
  figures().expect_conserved();
}

}  // namespace
}  // namespace lvs::test
