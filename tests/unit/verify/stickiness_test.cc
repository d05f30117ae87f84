#include "verify/core/stickiness.h"

#include <gtest/gtest.h>

namespace lvs::verify {
namespace {

RotationEvidence persistent(const std::string& scheduler = "rr", std::uint8_t mask = 32) {
  RotationEvidence seen{.service = "web",
                        .scheduler = scheduler,
                        .persistent = true,
                        .servers = {{"rs1", 1}, {"rs2", 1}, {"rs3", 0}},
                        .visits = {},
                        .flows = {}};
  seen.mask = mask;
  return seen;
}

/// A connection of client 192.168.1.N.
Served served(std::uint8_t client, const std::string& host) {
  static std::uint16_t port = 40000;
  return {{Ipv4Addr{192, 168, 1, client}, Port{++port}}, host};
}

TEST(Stickiness, PassesClientsThatStayAndAreSpreadInOrder) {
  const Check check =
      judge_stickiness(persistent(), {served(1, "rs2"), served(2, "rs1"), served(3, "rs2"),
                                      served(1, "rs2"), served(2, "rs1"), served(3, "rs2")});
  EXPECT_EQ(check.status, Status::Pass);
  EXPECT_EQ(check.title, "web: 3 clients, each on one server, new ones in rr order");
}

TEST(Stickiness, FailsAClientThatMoves) {
  const Check check = judge_stickiness(persistent(), {served(1, "rs2"), served(1, "rs1")});
  EXPECT_EQ(check.status, Status::Fail);
  ASSERT_EQ(check.evidence.size(), 1u);
  EXPECT_NE(check.evidence[0].find("went to rs1, this client's first one to rs2"),
            std::string::npos)
      << check.evidence[0];
}

TEST(Stickiness, FailsADirectorThatAlwaysTakesTheFirst) {
  const Check check = judge_stickiness(
      persistent(), {served(1, "rs2"), served(2, "rs2"), served(1, "rs2"), served(2, "rs2")});
  EXPECT_EQ(check.status, Status::Fail);
  EXPECT_EQ(check.title, "web: new clients are not given servers in rr order");
}

TEST(Stickiness, JudgesTheSpreadByTheSchedulersRulesAlone) {
  EXPECT_EQ(judge_stickiness(persistent("sh"), {served(1, "rs2"), served(2, "rs2")}).status,
            Status::Pass);
  EXPECT_EQ(judge_stickiness(persistent("sh"), {served(1, "rs3")}).status, Status::Fail)
      << "weight 0 takes nobody new";
}

TEST(Stickiness, TakesClientsOfOneMaskForOne) {
  const std::vector<Served> all{served(1, "rs2"), served(2, "rs2"), served(200, "rs1")};
  EXPECT_EQ(judge_stickiness(persistent("rr", 25), all).status, Status::Pass);
  EXPECT_EQ(judge_stickiness(persistent("rr", 24), all).status, Status::Fail);
}

TEST(Stickiness, SaysThatOneClientShowsNoSpread) {
  const Check check = judge_stickiness(persistent(), {served(1, "rs2"), served(1, "rs2")});
  EXPECT_EQ(check.status, Status::Pass);
  EXPECT_NE(check.why.find("--from"), std::string::npos);
  EXPECT_EQ(judge_stickiness(persistent(), {}).status, Status::Skip);
}

}  // namespace
}  // namespace lvs::verify
