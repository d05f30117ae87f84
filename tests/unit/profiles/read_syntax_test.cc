// Text that is not TOML, is too deep or too large, or is not even text.

#include "tests/unit/profiles/read_cases.h"

namespace lvs::profiles {
namespace {

struct BrokenText {
  const char* name = "";
  const char* text = "";
  Where where{};
  const char* message = "";
  const char* hint = "";
};

const char* const kCloseQuote = "the closing quote is missing";
const char* const kKeyValue = "a key is written KEY = VALUE";

const BrokenText kBroken[] = {
    {"AddressWithoutQuotes",
     "a = 1\nvip = 192.168.1.99\n",
     {2, 7},
     "the address 192.168.1.99 is not in quotes",
     "write \"192.168.1.99\""},
    {"PrefixWithoutQuotes",
     "address = 192.168.1.91/24\n",
     {1, 11},
     "the address 192.168.1.91/24 is not in quotes",
     "write \"192.168.1.91/24\""},
    {"AddressesOfIpv6WithoutQuotes",
     "vip = [\"::1\", fe80::1]\n",
     {1, 15},
     "the address fe80::1 is not in quotes",
     "write \"fe80::1\""},
    {"DurationWithoutQuotes",
     "persistence = 6m\n",
     {1, 15},
     "the duration 6m is not in quotes",
     "write \"6m\""},
    {"WordWithoutQuotes",
     "method = dr # direct\n",
     {1, 10},
     "the text dr is not in quotes",
     "write \"dr\""},
    {"WordInAListWithoutQuotes",
     "servers = [rs1, rs2]\n",
     {1, 12},
     "the text rs1 is not in quotes",
     "write \"rs1\""},
    {"WordInATableWithoutQuotes",
     "servers = [{ host = rs1 }]\n",
     {1, 21},
     "the text rs1 is not in quotes",
     "write \"rs1\""},
    {"OpeningQuoteMissing",
     "method = dr\"\n",
     {1, 10},
     "a quote is missing at the beginning of dr",
     "write \"dr\""},
    {"ClosingQuoteMissing",
     "method = \"dr\nport = 80\n",
     {1, 13},
     "the text does not end on its line",
     kCloseQuote},
    {"ClosingSingleQuoteMissing",
     "method = 'dr\nport = 80\n",
     {1, 13},
     "the text does not end on its line",
     kCloseQuote},
    {"LongTextNeverEnds", "a = \"\"\"x\n", {1, 9}, "the text does not end", kCloseQuote},
    {"TypographicQuotes",
     "method = “dr”\n",
     {1, 10},
     "a typographic quote",
     "write the plain quote \""},
    {"CapitalTrue",
     "outside = True\n",
     {1, 11},
     "expected true or false, found True",
     "write true"},
    {"No", "outside = no\n", {1, 11}, "expected true or false, found no", "write false"},
    {"TableTwice",
     "[host.a]\nx = 1\n[host.a]\ny = 1\n",
     {3, 1},
     "this table is said twice",
     "each [host.NAME] is written once; a further service is a [[service]] of its own"},
    {"KeyTwice",
     "port = 80\n  port = 81\n",
     {2, 3},
     "this key is said twice",
     "keep one of the two"},
    {"KeyTwiceInATable",
     "a = { b = 1, b = 2 }\n",
     {1, 14},
     "this key is said twice",
     "keep one of the two"},
    {"HeaderNotClosed",
     "[service\nx = 1\n",
     {1, 9},
     "the table's name is not closed",
     "the closing bracket is missing"},
    {"ColonForEquals", "vip : \"x\"\n", {1, 5}, "expected = after the key", kKeyValue},
    {"NoValue", "vip =\n", {1, 6}, "the value is missing", kKeyValue},
    {"ListNotClosed",
     "x = [1, 2\ny = 3\n",
     {2, 1},
     "expected a comma or ]",
     "a comma or the closing bracket is missing"},
    {"ListNeverClosed",
     "x = [\n1",
     {2, 2},
     "the list does not end",
     "the closing bracket is missing"},
    {"InlineTableOverLines",
     "x = {a = 1,\nb = 2}\n",
     {1, 12},
     "an inline table must end on its line",
     "put { … } on one line, or write a [table]"},
    {"CommaMissingInATable",
     "x = {a = 1 b = 2}\n",
     {1, 12},
     "expected a comma or }",
     "a comma is missing between two keys"},
    {"CommaTooMuchInATable",
     "x = {a = 1,}\n",
     {1, 12},
     "an inline table does not end with a comma",
     "take the last comma away"},
    {"TwoValuesWithoutAList",
     "vip = \"1\", \"2\"\n",
     {1, 10},
     "a second value behind the first",
     "several values are a list: [ …, … ]"},
    {"LeadingZero", "port = 080\n", {1, 11}, "a number does not begin with 0", ""},
    {"NotUtf8", "a = 1\nb = \"\xff\"\n", {2, 5}, "the file is not UTF-8 text", ""},
    {"UnknownEscape",
     "a = \"\\q\"\n",
     {1, 7},
     "not TOML: string: unknown escape sequence '\\q'",
     ""},
};

class BrokenProfile : public testing::TestWithParam<BrokenText> {};

TEST_P(BrokenProfile, GivesOneErrorWithAHint) {
  const BrokenText& broken = GetParam();
  // The good profile would have errors of its own in front of this: they are not shown.
  const ReadResult result = read_profile(broken.text, "web.toml");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].message, broken.message);
  EXPECT_EQ(result.errors[0].where, broken.where) << to_string(result.errors[0]);
  EXPECT_EQ(result.errors[0].hint, broken.hint);
}

std::string case_name(const testing::TestParamInfo<BrokenText>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Read, BrokenProfile, testing::ValuesIn(kBroken), case_name);

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

void expect_too_deep(const std::string& text) {
  const ReadResult result = read_profile(text, "deep.toml");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].message, "nested deeper than any profile needs");
  EXPECT_GE(result.errors[0].where.line, 1U);
}

TEST(ReadBounds, RefuseADeepDottedKey) { expect_too_deep(repeated("a.", 300'000) + "a = 1\n"); }
TEST(ReadBounds, RefuseADeepQuotedKey) {
  expect_too_deep("x = \"a.b\"\n[" + repeated(R"("a" . 'b.\' .)", 1000) + "a]\n");
}
TEST(ReadBounds, RefuseDeepLists) { expect_too_deep("x = " + repeated("[", 100'000)); }
TEST(ReadBounds, RefuseDeepTables) { expect_too_deep("x = " + repeated("{a = ", 100'000)); }

TEST(ReadBounds, FindDepthBehindTextsThatLookDeep) {
  const std::string text =
      "# a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a\n"
      "x = \"[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[\"\n"
      "y = '''\n[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n''''' # 'two more\n"
      "z = \"\"\"\\\"\"\"\\\"\"\"\"\n";
  const ReadResult shallow = read_profile(text, "x.toml");
  ASSERT_FALSE(shallow.errors.empty());
  EXPECT_NE(shallow.errors[0].message, "nested deeper than any profile needs");
  expect_too_deep(text + "deep = " + repeated("[", 20));
}

TEST(ReadBounds, RefuseATextThatIsTooLong) {
  const ReadResult result = read_profile(std::string(kMaxProfileBytes + 1, ' '), "big.toml");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].message, "a profile has at most 1048576 bytes, this file has 1048577");
}

TEST(ReadBounds, StopListingErrorsAfterTwoHundred) {
  std::string text{kGoodProfile};
  for (int i = 0; i < 500; ++i) text += "z" + std::to_string(i) + " = 1\n";
  const ReadResult result = read_profile(text, "web.toml");
  ASSERT_EQ(result.errors.size(), 200U);
  EXPECT_TRUE(result.errors.back().hint.ends_with("; 300 more errors are not shown"));
}

TEST(ReadBounds, LeaveOutTheTextOfAVeryLongLine) {
  const ReadResult result = read_profile("x = \"" + std::string(600, 'y') + "\"", "web.toml");
  ASSERT_FALSE(result.errors.empty());
  EXPECT_EQ(result.errors[0].line, "");
  EXPECT_TRUE(to_string(result.errors[0]).starts_with("web.toml:1:1: error: "));
}

TEST(ProfileErrorText, KeepsTabsSoThatTheCaretStandsBelowTheMistake) {
  const ReadResult result = read_profile(spoiled(5, "\tport\t= \"é\"\t# é"), "web.toml");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(to_string(result.errors[0]),
            "web.toml:5:9: error: `port`: expected an integer from 0 to 65535, found \"é\"\n"
            "  \tport\t= \"é\"\t# é\n"
            "  \t    \t  ^\n");
}

TEST(ProfileErrorText, ShowsTheHintBelow) {
  const ReadResult result = read_profile(spoiled(7, R"(schedular = "rr")"), "web.toml");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(to_string(result.errors[0]),
            "web.toml:7:1: error: a service has no key `schedular`\n"
            "  schedular = \"rr\"\n"
            "  ^\n"
            "  hint: did you mean `scheduler`?\n");
}

TEST(ProfileErrorText, HidesWhatATerminalWouldObey) {
  const ReadResult result = read_profile("a = \x1b[2J\n", "web.toml");
  ASSERT_EQ(result.errors.size(), 1U);
  EXPECT_EQ(result.errors[0].line, "a = ?[2J");
}

TEST(ReadErrors, AreAllThereAndInTheOrderOfTheFile) {
  const std::string text = spoiled(4, "vip = \"192.168.1.99/24\"\nprot = 1\nprotocol = \"tpc\"");
  const ReadResult result = read_profile(text + "[engine]\nworkers = \"2\"\n", "web.toml");
  ASSERT_EQ(result.errors.size(), 4U);
  EXPECT_EQ(result.errors[0].where, (Where{4, 7}));
  EXPECT_EQ(result.errors[1].where, (Where{5, 1}));
  EXPECT_EQ(result.errors[2].where, (Where{6, 12}));
  EXPECT_EQ(result.errors[3].where, (Where{27, 11}));
}

TEST(ReadErrors, OfSchemaAndCrossChecksComeTogether) {
  const ReadResult result =
      read_profile(spoiled(8, "servers = [\"rs9\"]\nquorun = 2\nquorum = 1"), "web.toml");
  ASSERT_EQ(result.errors.size(), 2U);
  EXPECT_EQ(result.errors[0].message, "there is no [host.rs9] for this server");
  EXPECT_EQ(result.errors[1].message, "a service has no key `quorun`");
}

TEST(ReadErrors, AnEmptyFileMissesWhatEveryProfileHas) {
  const ReadResult result = read_profile("", "empty.toml");
  ASSERT_EQ(result.errors.size(), 3U);
  for (const ProfileError& error : result.errors) EXPECT_EQ(error.where, (Where{1, 1}));
}

TEST(ReadErrors, CountLinesThatEndInCarriageReturnToo) {
  const ReadResult result = read_profile("name = \"web\"\r\nx = 1\r\n", "dos.toml");
  ASSERT_FALSE(result.errors.empty());
  EXPECT_EQ(result.errors.back().where, (Where{2, 1}));
  EXPECT_EQ(result.errors.back().line, "x = 1");
}

}  // namespace
}  // namespace lvs::profiles
