#include <gtest/gtest.h>

#include <cerrno>

#include "net/wire/addr_text.h"
#include "profiles/core/decap_arguments.h"
#include "profiles/io/objects/decap_contents.h"

namespace lvs::profiles {
namespace {

DecapRules rules() {
  return {{{*parse_ip("10.0.0.2"), TunnelType::Ipip, {}},
           {*parse_ip("10.0.0.2"), TunnelType::Gue, Port{6080}},
           {*parse_ip("fd00::2"), TunnelType::Gre, {}}},
          {*parse_ip("192.168.1.99"), *parse_ip("2001:db8::9")}};
}

TEST(DecapArguments, TellWhatTheProcessTakes) {
  const std::vector<std::string> expected{"decap",
                                          "--profile",
                                          "web",
                                          "--target",
                                          "ipip,10.0.0.2",
                                          "--target",
                                          "gue,10.0.0.2,6080",
                                          "--target",
                                          "gre,fd00::2",
                                          "--vip",
                                          "192.168.1.99",
                                          "--vip",
                                          "2001:db8::9"};
  EXPECT_EQ(decap_arguments({"web", rules()}), expected);
}

TEST(DecapArguments, GiveTheProcessBack) {
  const DecapProcess process{"web", rules()};
  EXPECT_EQ(*parse_decap_arguments(decap_arguments(process)), process);
}

std::string refusal(const std::vector<std::string>& arguments) {
  const auto parsed = parse_decap_arguments(arguments);
  return parsed ? "accepted" : parsed.error().what;
}

TEST(DecapArguments, SayWhatIsWrong) {
  EXPECT_EQ(refusal({"apply"}), "the command is not decap");
  EXPECT_EQ(refusal({"decap", "--vip"}), "--vip needs a value");
  EXPECT_EQ(refusal({"decap", "--colour", "red"}), "unknown option --colour");
  EXPECT_EQ(refusal({"decap", "--target", "ipip"}),
            "--target ipip: expected TYPE,ADDRESS or gue,ADDRESS,PORT");
  EXPECT_EQ(refusal({"decap", "--target", "gue,10.0.0.2,99999"}),
            "--target gue,10.0.0.2,99999: expected TYPE,ADDRESS or gue,ADDRESS,PORT");
  EXPECT_EQ(refusal({"decap", "--target", "ipip,10.0.0.2"}), "--profile NAME is missing");
  EXPECT_EQ(refusal({"decap", "--profile", "web"}), "no --target is given");
}

TEST(DecapContents, GiveTheFilterBack) {
  const DecapFilter filter{"eth0", "web", rules()};
  const auto contents = contents_of(filter, 14);
  ASSERT_TRUE(contents);
  EXPECT_EQ(filter_from("eth0", *contents), filter);
}

TEST(DecapContents, AnotherVersionIsNotOurs) {
  auto contents = contents_of({"eth0", "web", rules()}, 14);
  contents->at("about").front().value.front() = 99;
  EXPECT_EQ(filter_from("eth0", *contents), std::nullopt);
  EXPECT_EQ(filter_from("eth0", {}), std::nullopt);
}

TEST(DecapContents, MoreThanTheMapsHoldIsAnError) {
  DecapFilter filter{"eth0", "web", rules()};
  filter.rules.vips.assign(257, *parse_ip("192.168.1.99"));
  const auto contents = contents_of(filter, 14);
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().sys_errno, E2BIG);
  EXPECT_EQ(contents.error().what,
            "a decapsulating program takes at most 64 targets and 256 VIPs; these are 3 and 257");
}

}  // namespace
}  // namespace lvs::profiles
