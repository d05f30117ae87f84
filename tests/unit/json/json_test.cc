#include "net/json/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace lvs {
namespace {

TEST(Json, PrintsMembersInTheOrderInWhichTheyWerePut) {
  Json document = Json::object({{"schema", 1}, {"program", "lvs-director"}});
  document.set("apple", true).set("schema", 2);
  EXPECT_EQ(to_text(document), R"({"schema":2,"program":"lvs-director","apple":true})");
}

TEST(Json, PrintsEveryKind) {
  Json array = Json::array();
  array.push(Json()).push(false).push(-7).push(1.5).push("a\"\n\x01").push(Json::object());
  EXPECT_EQ(to_text(array), R"([null,false,-7,1.5,"a\"\n\u0001",{}])");
}

TEST(Json, PrintsPrettilyForPeople) {
  const Json document = Json::object({{"a", Json::Array{1, 2}}, {"b", Json::object()}});
  EXPECT_EQ(to_pretty_text(document), "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}\n");
}

TEST(Json, KeepsADoubleADouble) {
  EXPECT_EQ(to_text(Json(2.0)), "2.0");
  EXPECT_EQ(to_text(Json(0.1)), "0.1");
  EXPECT_EQ(to_text(Json(std::nan(""))), "null");
  EXPECT_EQ(to_text(Json(std::numeric_limits<double>::infinity())), "null");
}

TEST(Json, ReplacesWhatIsNoUtf8) {
  const std::string bad = "\xef\xbf\xbd";
  EXPECT_EQ(to_text(Json("a\xff"
                         "b")),
            "\"a" + bad + "b\"");
  EXPECT_EQ(to_text(Json("\xc3")), R"(")" + bad + R"(")");            // cut off
  EXPECT_EQ(to_text(Json("\xc0\xaf")), R"(")" + bad + bad + R"(")");  // too long a form of '/'
  EXPECT_EQ(to_text(Json("\xed\xa0\x80")), R"(")" + bad + bad + bad + R"(")");  // a surrogate
  EXPECT_EQ(to_text(Json("\xf4\x90\x80\x80")), R"(")" + bad + bad + bad + bad + R"(")");
}

TEST(Json, LeavesUtf8AsItIs) {
  const std::string text = "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80";
  EXPECT_EQ(to_text(Json(text)), R"(")" + text + R"(")");
}

TEST(ParseJson, ReadsBackWhatWasPrinted) {
  const std::string text =
      R"({"z":[1,-2,3.5,"x",null,true,{}],"a":{"deep":[[]]},"n":-9223372036854775808})";
  const auto value = parse_json(text);
  ASSERT_TRUE(value) << value.error().what;
  EXPECT_EQ(to_text(*value), text);
}

TEST(ParseJson, TakesSpacesAroundTheValue) { EXPECT_TRUE(parse_json(" \n{} \r\n\t")); }

TEST(ParseJson, RefusesNastyInput) {
  for (const char* text : {"",           " ",
                           "{",          "[1,",
                           R"({"a":})",  "nul",
                           "tru",        R"(")",
                           R"("\u12")",  "01",
                           "+1",         ".5",
                           "1.",         "NaN",
                           "[1]x",       "{} {}",
                           "{'a':1}",    "[1,]",
                           R"({"a" 1})", "\"\x01\"",
                           "\"\xff\"",   "\xef\xbb\xbf{}",
                           "/*x*/1",     R"("\ud800")",
                           "]"})
    EXPECT_FALSE(parse_json(text)) << text;
}

TEST(ParseJson, NamesTheOffset) {
  const auto value = parse_json("[1, x]");
  ASSERT_FALSE(value);
  EXPECT_NE(value.error().what.find("offset 4"), std::string::npos) << value.error().what;
}

TEST(ParseJson, StopsAtTheDepthLimit) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(32)));
  EXPECT_FALSE(parse_json(nested(33)));
  EXPECT_FALSE(parse_json(std::string(1000000, '[')));
  EXPECT_TRUE(parse_json(nested(3), 3));
  EXPECT_FALSE(parse_json(nested(4), 3));
}

TEST(ParseJson, StopsAtTheSizeLimit) {
  const auto value = parse_json(std::string(kMaxJsonBytes + 1, ' '));
  ASSERT_FALSE(value);
  EXPECT_NE(value.error().what.find("at most"), std::string::npos) << value.error().what;
}

TEST(ParseJson, LastOfTwoMembersOfOneNameCounts) {
  const auto value = parse_json(R"({"a":1,"a":2})");
  ASSERT_TRUE(value);
  EXPECT_EQ(to_text(*value), R"({"a":2})");
}

TEST(ParseJson, IntegersThatDoNotFitBecomeDoubles) {
  const auto fits = parse_json("9223372036854775807");
  ASSERT_TRUE(fits);
  EXPECT_NE(fits->as_int(), nullptr);
  const auto larger = parse_json("9223372036854775808");
  ASSERT_TRUE(larger);
  EXPECT_NE(larger->as_double(), nullptr);
}

TEST(Json, RequiredMembersAreNamedWhenMissingOrWrong) {
  const Json object = Json::object({{"text", "x"}, {"number", 5}, {"flag", true}});
  EXPECT_EQ(*object.text_at("text"), "x");
  EXPECT_EQ(*object.int_at("number"), 5);
  EXPECT_EQ(*object.bool_at("flag"), true);
  EXPECT_EQ(object.text_at("gone").error().what, "the member \"gone\" is missing; expected text");
  EXPECT_EQ(object.int_at("text").error().what, "the member \"text\" must be a whole number");
  EXPECT_EQ(object.bool_at("number").error().what, "the member \"number\" must be true or false");
  EXPECT_FALSE(Json(5).text_at("x"));
}

TEST(Json, FindsNothingInWhatIsNoObject) {
  EXPECT_EQ(Json(5).find("a"), nullptr);
  EXPECT_EQ(Json::array().find("a"), nullptr);
  EXPECT_TRUE(Json().is_null());
}

}  // namespace
}  // namespace lvs
