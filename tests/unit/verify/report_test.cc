#include "verify/core/report.h"

#include <gtest/gtest.h>

#include "verify/core/duration.h"
#include "verify/io/report_json.h"

namespace lvs::verify {
namespace {

Check check(Status status) {
  return {.id = "F01",
          .status = status,
          .title = "rs1 answers",
          .host = "rs1",
          .evidence = {"asked", "answered"},
          .why = "because",
          .fix = "first\nsecond"};
}

Report report(std::vector<Check> checks) {
  return {.command = "owner", .profile = "dr", .checks = std::move(checks)};
}

TEST(Report, ExitsByItsWorstCheck) {
  EXPECT_EQ(exit_status(report({check(Status::Pass)})), ExitStatus::Ok);
  EXPECT_EQ(exit_status(report({check(Status::Warn)})), ExitStatus::Ok);
  EXPECT_EQ(exit_status(report({check(Status::Pass), check(Status::Fail)})), ExitStatus::Differs);
  EXPECT_EQ(exit_status(report({check(Status::Pass), check(Status::Skip)})), ExitStatus::Ok);
}

TEST(Report, SkippingEverythingIsNoPass) {
  EXPECT_EQ(exit_status(report({check(Status::Skip)})), ExitStatus::NoPermission);
  EXPECT_EQ(exit_status(report({})), ExitStatus::NoPermission);
}

TEST(Report, TellsPeopleOneLineACheckThenEvidenceWhyAndFix) {
  EXPECT_EQ(to_text(report({check(Status::Fail)}), false),
            "FAIL  F01                rs1 answers\n"
            "      evidence  asked\n"
            "      evidence  answered\n"
            "      why       because\n"
            "      fix       first\n"
            "                second\n"
            "owner dr: failed (0 passed, 1 failed, 0 warned, 0 skipped)\n");
}

TEST(Report, HasColourOnlyWhenAsked) {
  EXPECT_EQ(to_text(report({check(Status::Fail)}), false).find('\x1b'), std::string::npos);
  EXPECT_NE(to_text(report({check(Status::Fail)}), true).find("\x1b[31mFAIL"), std::string::npos);
}

TEST(ReportJson, ComesBackAsItWent) {
  const Report before = report({check(Status::Fail), check(Status::Skip)});
  const auto after = report_from_json(to_json(before));
  ASSERT_TRUE(after) << after.error().what;
  EXPECT_EQ(*after, before);
}

TEST(ReportJson, RefusesAHigherSchemaNamingBoth) {
  const auto read = report_from_json(to_json(report({})).set("schema", 7));
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().what.find('7'), std::string::npos);
  EXPECT_NE(read.error().what.find('1'), std::string::npos);
}

TEST(ReportJson, RefusesWhatIsNoReport) {
  EXPECT_FALSE(report_from_json(Json{}));
  EXPECT_FALSE(report_from_json(Json::object({{"schema", 1}, {"command", "owner"}})));
  EXPECT_FALSE(report_from_json(to_json(report({})).set("checks", "none")));
  Json odd = to_json(report({check(Status::Pass)}));
  odd.set("checks", Json::Array{Json::object({{"id", "x"}, {"title", "y"}, {"status", "MAYBE"}})});
  EXPECT_FALSE(report_from_json(odd));
}

TEST(ReportJson, PassesAFailureOn) {
  const auto read = report_from_json(failure_to_json("owner", "no right"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what, "no right");
}

TEST(ParseDuration, TakesANumberWithItsUnit) {
  using std::chrono::milliseconds;
  EXPECT_EQ(parse_duration("2s"), milliseconds{2000});
  EXPECT_EQ(parse_duration("500ms"), milliseconds{500});
  EXPECT_EQ(parse_duration("1m"), milliseconds{60000});
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text : {"", "2", "s", "-1s", "2h", "2 s", "2ss", "99999999999999999999s", "61m"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

}  // namespace
}  // namespace lvs::verify
