#include "verify/core/rotation.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace lvs::verify {
namespace {

using profiles::Role;

constexpr MacAddr kRs1{{2, 0, 0, 0, 0, 1}};
constexpr MacAddr kRs2{{2, 0, 0, 0, 0, 2}};

KnownHosts servers() {
  KnownHosts hosts;
  hosts.add({.mac = kRs1, .host = "rs1", .roles = {Role::RealServer}});
  hosts.add({.mac = kRs2, .host = "rs2", .roles = {Role::RealServer}});
  return hosts;
}

Endpoint client(std::size_t number) {
  return {Ipv4Addr{192, 168, 1, 1}, Port{static_cast<std::uint16_t>(40000 + number)}};
}

/// Connections served as said, all witnesses in agreement.
RotationEvidence served_by(const Names& names) {
  RotationEvidence seen{.service = "web",
                        .scheduler = "rr",
                        .servers = {{"rs1", 1}, {"rs2", 1}},
                        .visits = {},
                        .flows = {}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    seen.visits.push_back(
        {.client = client(i), .header_host = names[i], .body_host = names[i], .failure = {}});
    seen.flows.push_back({.client = client(i), .reply_mac = names[i] == "rs1" ? kRs1 : kRs2});
  }
  return seen;
}

Check find(const RotationEvidence& seen, const std::string& id) {
  const auto checks = judge_rotation(seen, servers());
  const auto at = std::find_if(checks.begin(), checks.end(),
                               [&id](const Check& check) { return check.id == id; });
  return at == checks.end() ? Check{} : *at;
}

Status status(const RotationEvidence& seen, const std::string& id) { return find(seen, id).status; }

TEST(JudgeRotation, PassesEveryCheckOfAnExactRotation) {
  for (const Check& check : judge_rotation(served_by({"rs1", "rs2", "rs1", "rs2"}), servers()))
    EXPECT_EQ(check.status, Status::Pass) << check.id;
}

TEST(JudgeRotation, StatesTheExpectedAndTheSeenOrder) {
  const Check check = find(served_by({"rs2", "rs1", "rs2", "rs1"}), "rotation.order");
  ASSERT_EQ(check.evidence.size(), 2u);
  EXPECT_EQ(check.evidence[0], "expected rs2 rs1, beginning anywhere");
  EXPECT_EQ(check.evidence[1], "seen     rs2 rs1, 2 times");
}

TEST(JudgeRotation, FailsAlwaysTheFirst) {
  const Check check = find(served_by({"rs2", "rs2", "rs2"}), "rotation.order");
  EXPECT_EQ(check.status, Status::Fail);
  EXPECT_EQ(check.title, "web: every connection went to rs2");
}

TEST(JudgeRotation, JudgesTheOrderByTheWireAndNotByThePage) {
  RotationEvidence seen = served_by({"rs2", "rs1", "rs2", "rs1"});
  for (WireFlow& flow : seen.flows) flow.reply_mac = kRs2;
  EXPECT_EQ(status(seen, "rotation.order"), Status::Fail);
  EXPECT_EQ(status(seen, "rotation.agree"), Status::Fail);
}

TEST(JudgeRotation, RestsOnThePageWhereMacsCannotTell) {
  RotationEvidence seen = served_by({"rs2", "rs1", "rs2", "rs1"});
  for (WireFlow& flow : seen.flows) flow.reply_mac = kRs2;
  seen.macs_tell = false;
  seen.macs_why = "routed";
  EXPECT_EQ(status(seen, "rotation.order"), Status::Pass);
  EXPECT_EQ(status(seen, "rotation.agree"), Status::Pass);
  const Check wire = find(seen, "rotation.wire");
  EXPECT_EQ(wire.status, Status::Skip);
  EXPECT_NE(wire.why.find("routed"), std::string::npos);
}

TEST(JudgeRotation, FindsAHeaderThatContradictsTheBody) {
  RotationEvidence seen = served_by({"rs2", "rs1"});
  seen.visits[1].header_host = "rs2";
  EXPECT_EQ(status(seen, "rotation.agree"), Status::Fail);
}

TEST(JudgeRotation, AsksNoHeaderOfDatagrams) {
  RotationEvidence seen = served_by({"rs2", "rs1"});
  seen.tcp = false;
  for (Visit& visit : seen.visits) visit.header_host.clear();
  EXPECT_EQ(status(seen, "rotation.agree"), Status::Pass);
}

TEST(JudgeRotation, FailsWhenAConnectionHadNoAnswer) {
  RotationEvidence seen = served_by({"rs2", "rs1"});
  seen.visits[0].failure = "connect: no answer before the deadline";
  const Check check = find(seen, "rotation.answers");
  EXPECT_EQ(check.status, Status::Fail);
  EXPECT_EQ(check.title, "web: 1 of 2 connections were not answered");
}

TEST(JudgeRotation, FailsWhenTheCaptureMissedAConnection) {
  RotationEvidence seen = served_by({"rs2", "rs1", "rs2"});
  seen.flows.erase(seen.flows.begin() + 1);
  EXPECT_EQ(status(seen, "rotation.wire"), Status::Fail);
}

TEST(JudgeRotation, FailsWhenTheWireHasAnotherOrderThanTheProgram) {
  RotationEvidence seen = served_by({"rs2", "rs1"});
  std::swap(seen.flows[0], seen.flows[1]);
  EXPECT_EQ(status(seen, "rotation.wire"), Status::Fail);
}

TEST(JudgeRotation, JudgesOnlyMembershipOfOtherSchedulersAndPersistence) {
  RotationEvidence seen = served_by({"rs2", "rs2", "rs2"});
  seen.persistent = true;
  EXPECT_EQ(status(seen, "rotation.order"), Status::Pass);
  seen.servers = {{"rs1", 1}};
  EXPECT_EQ(status(seen, "rotation.order"), Status::Fail);
}

TEST(JudgeRotation, FailsWithoutConnections) {
  EXPECT_EQ(status(served_by({}), "rotation.answers"), Status::Fail);
}

}  // namespace
}  // namespace lvs::verify
