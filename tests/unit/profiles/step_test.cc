#include "profiles/core/step.h"

#include <gtest/gtest.h>

#include "profiles/core/undo.h"
#include "profiles/io/step_json.h"
#include "tests/support/dr_cluster.h"

namespace lvs::profiles {
namespace {

AddressFact some_address() { return {"lo", test::kVip, 32, kScopeHost, "lo:0", kOurProtocol}; }

RouteFact some_route() {
  RouteFact route;
  route.destination = Prefix{test::kVip, 32};
  route.link = "lo";
  route.protocol = kOurProtocol;
  route.scope = kScopeLink;
  return route;
}

Withholding some_table() {
  Withholding table;
  table.table = "lvskit_web";
  table.comment = "lvskit:web:withholding";
  table.services = {{Protocol::Udp, test::kVip, Port{7}}};
  table.fragments_to = {test::kVip};
  WithheldRange data;
  data.link = "eth0";
  data.protocol = Protocol::Tcp;
  data.addr = test::kVip;
  data.first = Port{1024};
  WithheldRange fragments;
  fragments.link = "eth0";
  fragments.source = Prefix{Ipv4Addr{10, 1, 0, 0}, 16};
  WithheldRange replies = data;
  replies.addr.reset();
  replies.source = Prefix{Ipv4Addr{10, 0, 0, 2}, 32};
  replies.is_reply = true;
  table.ranges = {data, fragments, replies};
  table.own = {test::kVip};
  table.links = {"eth0"};
  table.rules = 7;
  return table;
}

std::vector<Step> changing_steps() {
  Withholding other = some_table();
  other.services.push_back({Protocol::Udp, test::kVip, Port{8}});
  RouteFact by_gateway = some_route();
  by_gateway.gateway = Ipv4Addr{192, 168, 1, 1};
  return {SetSysctl{"net/ipv4/conf/all/arp_ignore", "1", "0", "0"},
          AddAddress{some_address()},
          RemoveAddress{some_address()},
          AddRoute{some_route()},
          AddRoute{by_gateway},
          RemoveRoute{some_route()},
          AddWithholding{some_table()},
          RemoveWithholding{some_table()},
          ReplaceWithholding{some_table(), other}};
}

TEST(Step, IsItsInversesInverse) {
  for (const Step& step : changing_steps()) {
    ASSERT_TRUE(inverse(step)) << describe(step);
    EXPECT_EQ(inverse(*inverse(step)), step) << describe(step);
  }
}

TEST(Step, ComesBackFromItsJson) {
  for (const Step& step : changing_steps()) {
    const auto again = step_from_json(to_json(step));
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(*again, step);
  }
}

TEST(Step, RefusesBrokenJson) {
  const char* const broken[] = {
      R"({})",
      R"({"do":"format_disk"})",
      R"({"do":"set_sysctl","key":"k","value":"1"})",
      R"({"do":"add_address"})",
      R"({"do":"add_address","object":{"address":"1.2.3.4","link":"lo","scope":0,"label":"","protocol":0}})",
      R"({"do":"add_address","object":{"address":"1.2.3.4/32","link":"lo","scope":256,"label":"","protocol":0}})",
      R"({"do":"add_withholding","object":{"table":"t","comment":"","services":[7],"fragments_to":[],"links":[],"rules":0}})",
      R"({"do":"add_withholding","object":{"table":"t","comment":"","services":[],"fragments_to":["x"],"links":[],"rules":0}})",
      R"({"do":"add_withholding","object":{"table":"t","comment":"","services":[],"fragments_to":[],"links":"eth0","rules":0}})",
  };
  for (const char* text : broken) {
    const auto json = parse_json(text);
    ASSERT_TRUE(json) << text;
    EXPECT_FALSE(step_from_json(*json)) << text;
  }
}

TEST(Step, ThatOnlyLooksHasNoInverse) {
  const Step look = ReadBackEffective{{"eth0", "arp_ignore", Combine::Max, {"1", "2"}, ""}};
  EXPECT_FALSE(inverse(look));
  EXPECT_FALSE(changes_host(look));
}

TEST(Step, TellsWhatItDoes) {
  EXPECT_EQ(describe(Step{AddAddress{some_address()}}),
            "add 192.168.1.99/32 on lo (label lo:0, scope host)");
  EXPECT_EQ(diff_text(SetSysctl{"net/ipv4/conf/eth0.5/arp_ignore", "1", "0", "0"}),
            "net.ipv4.conf.eth0/5.arp_ignore: 0 -> 1");
}

TEST(EffectiveValue, IsTheGreaterOfAllAndTheLink) {
  Snapshot host = test::fresh_host({});
  const EffectiveRule rule{"eth0", "arp_ignore", Combine::Max, {"1", "2"}, ""};
  host.sysctls["net/ipv4/conf/all/arp_ignore"] = "1";
  EXPECT_EQ(effective_value(rule, host), "1");
  host.sysctls["net/ipv4/conf/eth0/arp_ignore"] = "3";
  EXPECT_EQ(effective_value(rule, host), "3");
  EXPECT_EQ(describe(rule, host),
            "effective arp_ignore on eth0 is 3 (all 1, eth0 3), must be 1 or 2");
}

TEST(EffectiveValue, IsOnWhenEitherIsWhereTheKernelOrs) {
  Snapshot host = test::fresh_host({});
  const EffectiveRule rule{"eth0", "send_redirects", Combine::Or, {"0"}, ""};
  EXPECT_EQ(effective_value(rule, host), "0");
  host.sysctls["net/ipv4/conf/eth0/send_redirects"] = "1";
  EXPECT_EQ(effective_value(rule, host), "1");
}

TEST(EffectiveValue, IsUnknownWithoutBothNumbers) {
  Snapshot host = test::fresh_host({});
  const EffectiveRule rule{"eth9", "arp_ignore", Combine::Max, {"1"}, ""};
  EXPECT_FALSE(effective_value(rule, host));
  host.sysctls["net/ipv4/conf/eth9/arp_ignore"] = "many";
  EXPECT_FALSE(effective_value(rule, host));
}

TEST(Undo, LeavesAValueThatSomebodyElseSet) {
  Snapshot host = test::fresh_host({});
  const SetSysctl step{"net/ipv4/conf/all/arp_ignore", "1", "0", "0"};
  host.sysctls[step.key] = "2";
  EXPECT_FALSE(decide_undo(step, UndoGoal::Revert, host).left.empty());
  host.sysctls[step.key] = "1";
  EXPECT_EQ(decide_undo(step, UndoGoal::Revert, host).step,
            (Step{SetSysctl{step.key, "0", "1", "0"}}));
  host.sysctls[step.key] = "0";
  EXPECT_FALSE(decide_undo(step, UndoGoal::Revert, host).step);
  EXPECT_TRUE(decide_undo(step, UndoGoal::Revert, host).left.empty());
}

TEST(Undo, GoesBackToTheOriginalOnlyOnRevert) {
  Snapshot host = test::fresh_host({});
  const SetSysctl step{"net/ipv4/conf/all/arp_ignore", "1", "3", "0"};
  host.sysctls[step.key] = "1";
  EXPECT_EQ(std::get<SetSysctl>(*decide_undo(step, UndoGoal::RollBack, host).step).value, "3");
  EXPECT_EQ(std::get<SetSysctl>(*decide_undo(step, UndoGoal::Revert, host).step).value, "0");
}

TEST(Undo, LeavesAForeignTwinOfAnAddress) {
  Snapshot host = test::fresh_host({});
  AddressFact twin = some_address();
  twin.label = "lo:7";
  host.addresses.push_back(twin);
  EXPECT_FALSE(decide_undo(AddAddress{some_address()}, UndoGoal::Revert, host).left.empty());
  host.addresses.back() = some_address();
  EXPECT_TRUE(decide_undo(AddAddress{some_address()}, UndoGoal::Revert, host).step);
}

TEST(Undo, RemovesOurRouteBesideATwin) {
  Snapshot host = test::fresh_host({});
  RouteFact twin = some_route();
  twin.protocol = 4;
  host.routes = {twin};
  EXPECT_FALSE(decide_undo(AddRoute{some_route()}, UndoGoal::Revert, host).left.empty());
  host.routes = {twin, some_route()};
  EXPECT_EQ(decide_undo(AddRoute{some_route()}, UndoGoal::Revert, host).step,
            (Step{RemoveRoute{some_route()}}));
}

TEST(Undo, LeavesATableWithForeignRules) {
  Snapshot host = test::fresh_host({});
  host.withholdings = {some_table()};
  EXPECT_TRUE(decide_undo(AddWithholding{some_table()}, UndoGoal::Revert, host).step);
  host.withholdings[0].rules = 3;
  EXPECT_FALSE(decide_undo(AddWithholding{some_table()}, UndoGoal::Revert, host).left.empty());
}

TEST(Undo, OfSomethingGoneIsNothing) {
  const Snapshot host = test::fresh_host({});
  for (const Step& step : {Step{AddAddress{some_address()}}, Step{AddRoute{some_route()}},
                           Step{AddWithholding{some_table()}},
                           Step{SetSysctl{"net/ipv4/conf/gone0/arp_ignore", "1", "0", "0"}}}) {
    const Undo undo = decide_undo(step, UndoGoal::Revert, host);
    EXPECT_FALSE(undo.step) << describe(step);
    EXPECT_TRUE(undo.left.empty()) << describe(step);
  }
}

}  // namespace
}  // namespace lvs::profiles
