#include "verify/core/owner.h"

#include <gtest/gtest.h>

#include <set>

#include "verify/core/owner_rules.h"

namespace lvs::verify {
namespace {

using profiles::Role;

constexpr Ipv4Addr kVip{192, 168, 1, 99};
constexpr MacAddr kLb1{{2, 0, 0, 0, 0, 1}};
constexpr MacAddr kRs1{{2, 0, 0, 0, 0, 2}};
constexpr MacAddr kLb2{{2, 0, 0, 0, 0, 3}};
constexpr MacAddr kRouter{{2, 0, 0, 0, 0, 4}};
constexpr MacAddr kStranger{{2, 0, 0, 0, 0, 9}};

KnownHosts cluster() {
  KnownHosts hosts;
  hosts.add({.mac = kLb1, .host = "lb1", .roles = {Role::Director}});
  hosts.add({.mac = kLb2, .host = "lb2", .roles = {Role::Director}});
  hosts.add({.mac = kRs1, .host = "rs1", .roles = {Role::RealServer}});
  hosts.add({.mac = kRouter, .host = "gw", .roles = {Role::Router}});
  return hosts;
}

OwnerEvidence evidence(std::vector<Claim> claims) {
  return {.vip = kVip,
          .asked_as_own = 8,
          .asked_as_zero = 8,
          .claims = std::move(claims),
          .directors = {"lb1", "lb2"},
          .allowed_macs = {},
          .states = {}};
}

std::set<std::string> ids(const std::vector<Check>& checks) {
  std::set<std::string> found;
  for (const Check& check : checks) found.insert(check.id);
  return found;
}

std::set<std::string> judged(const OwnerEvidence& seen) {
  return ids(judge_owner(seen, cluster()));
}

const Claim kByDirector{kLb1, ClaimKind::ReplyToOwn};
const Claim kByServer{kRs1, ClaimKind::ReplyToOwn};

TEST(JudgeOwner, PassesWhenTheDirectorAnswersAlone) {
  const auto checks =
      judge_owner(evidence({kByDirector, {kLb1, ClaimKind::Announcement}}), cluster());
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks.front().status, Status::Pass);
  EXPECT_EQ(checks.front().title, "192.168.1.99 is answered by lb1 alone");
}

TEST(JudgeOwner, NamesARealServerThatAnswersToo) {
  const auto checks = judge_owner(evidence({kByDirector, kByServer}), cluster());
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks.front().id, "F01");
  EXPECT_EQ(checks.front().status, Status::Fail);
  EXPECT_EQ(checks.front().host, "rs1");
  EXPECT_NE(checks.front().fix.find("on rs1: lvs-realserver apply"), std::string::npos);
  EXPECT_EQ(checks.front().fix.find('{'), std::string::npos);
}

TEST(JudgeOwner, CatchesAnAnswerThatCameOnlyForTheZeroProbe) {
  EXPECT_EQ(judged(evidence({kByDirector, {kRs1, ClaimKind::ReplyToZero}})),
            std::set<std::string>{"F01"});
}

TEST(JudgeOwner, SaysThatTheDirectorIsSilentWhenOnlyAServerAnswers) {
  EXPECT_EQ(judged(evidence({kByServer})), (std::set<std::string>{"F01", "owner.director"}));
}

TEST(JudgeOwner, FailsWhenNobodyAnswers) {
  EXPECT_EQ(judged(evidence({})), std::set<std::string>{"owner.none"});
}

TEST(JudgeOwner, AnAnnouncementIsNoAnswer) {
  EXPECT_EQ(judged(evidence({{kLb1, ClaimKind::Announcement}})),
            (std::set<std::string>{"F07", "owner.none"}));
}

TEST(JudgeOwner, AcceptsAllowedAddressesBesideTheDirector) {
  OwnerEvidence seen = evidence({kByDirector, {kStranger, ClaimKind::ReplyToOwn}});
  EXPECT_EQ(judged(seen), std::set<std::string>{"F06"});
  seen.allowed_macs = {kStranger};
  EXPECT_EQ(judged(seen), std::set<std::string>{"owner"});
}

TEST(JudgeOwner, DoesNotTakeAnAllowedAddressForTheDirector) {
  OwnerEvidence seen = evidence({{kStranger, ClaimKind::ReplyToOwn}});
  seen.allowed_macs = {kStranger};
  EXPECT_EQ(judged(seen), std::set<std::string>{"owner.director"});
}

TEST(JudgeOwner, FindsTheReasonInTheServersState) {
  OwnerEvidence seen = evidence({kByDirector, kByServer});
  seen.states["rs1"] = {.ignore_lo = 1};
  EXPECT_EQ(judged(seen), std::set<std::string>{"F02"});
  seen.states["rs1"] = {.ignore_all = 1, .ignore_nic = 4};
  EXPECT_EQ(judged(seen), std::set<std::string>{"F03"});
  seen.states["rs1"] = {.ignore_all = 1, .ignore_nic = 1, .vip_on_nic = true};
  EXPECT_EQ(judged(seen), std::set<std::string>{"F11"});
  seen.states["rs1"] = {};
  EXPECT_EQ(judged(seen), std::set<std::string>{"F01"});
}

TEST(JudgeOwner, CatchesTheOtherKindsOfClaim) {
  EXPECT_EQ(judged(evidence({kByDirector, {kRs1, ClaimKind::Request}})),
            std::set<std::string>{"F05"});
  EXPECT_EQ(judged(evidence({kByDirector, {kStranger, ClaimKind::Announcement}})),
            std::set<std::string>{"F07"});
  EXPECT_EQ(judged(evidence({kByDirector, {kLb2, ClaimKind::ReplyToOwn}})),
            std::set<std::string>{"F65"});
  EXPECT_EQ(judged(evidence({kByDirector, {kRouter, ClaimKind::ReplyToOwn}})),
            std::set<std::string>{"owner.proxy"});
}

TEST(ClaimRules, HaveDistinctIdsAndSayWhatToDo) {
  std::set<std::string_view> seen;
  for (const ClaimRule& rule : claim_rules()) {
    EXPECT_TRUE(seen.insert(rule.id).second) << rule.id;
    EXPECT_FALSE(rule.why.empty()) << rule.id;
    EXPECT_FALSE(rule.remedy.empty()) << rule.id;
  }
}

}  // namespace
}  // namespace lvs::verify
