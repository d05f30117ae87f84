#include <gtest/gtest.h>

#include <algorithm>

#include "tests/lab/flows/compare.h"
#include "tests/lab/flows/eventually.h"
#include "tests/lab/flows/listing.h"
#include "tests/lab/flows/play.h"

// Every step of golden/flows.json with our director in IPVS's place, compared packet by packet at
// every interface of the recording. What may differ is said in lines.h, in recording.cc (fragments
// that were overwritten), in compare.cc (tunl0, ARP), in listing.h (time) and here.

namespace lvs::test {
namespace {

/// The recording kept the first characters of what its client was told.
Json as_kept(const Json& result) {
  constexpr std::size_t kKept = 300;
  const std::string* const text = result.as_string();
  return text == nullptr ? result : Json(text->substr(0, kKept));
}

class GoldenFlows : public testing::TestWithParam<Part> {
 protected:
  void SetUp() override {
    recording_ = Recording::read(GetParam().name);
    if (!recording_) GTEST_SKIP() << "no recordings: LVSKIT_SHARED names no folder with golden/";
    lab_ = FlowsLab::make();
    if (!lab_) GTEST_SKIP() << "needs the right to make network namespaces (CAP_SYS_ADMIN)";
    ASSERT_NO_FATAL_FAILURE(lab_->write_profile(services_of(golden_parts())));
    ASSERT_NO_FATAL_FAILURE(lab_->set_up({"rs1", "rs2", "rs3", "rs4", "rs5", "rs6"}));
    ASSERT_NO_FATAL_FAILURE(lab_->run_director());
    for (const RecordedStep& step : recording_->steps())
      recorded_.emplace_back(step.name, sort_captures(step.packets));
  }
  void TearDown() override {
    if (lab_ && HasFailure()) ADD_FAILURE() << lab_->director_log();
  }

  void expect_listed(const std::string& what, const std::string& recorded) {
    std::string found;
    const bool same = eventually([&] {
      found = difference(connections_of(recorded, GetParam().vip),
                         connections_of(lab_->list(), GetParam().vip));
      return found.empty();
    });
    EXPECT_TRUE(same) << "connections after " << what << "\n" << found;
  }

  /// A line of the walk, which is of one connection, or a whole `-Ln`.
  void expect_walked(const std::string& heading) {
    const std::string text = recording_->walk(heading);
    const auto matches = [&] {
      const Json listed = lab_->list();
      if (heading.ends_with("-Ln"))
        return counts_of(listed, "TCP " + GetParam().vip + ":80") == counts_of(text);
      const auto expected = connections_of(text, GetParam().vip);
      auto ours = connections_of(listed, GetParam().vip);
      std::erase_if(ours, [&](const ListedConnection& one) {
        return expected.size() != 1 || one.client != expected[0].client;
      });
      return expected.size() == 1 && difference(expected, ours).empty();
    };
    EXPECT_TRUE(eventually(matches)) << heading << "\n" << text << "\n" << to_text(lab_->list());
  }

  Captures captures() {
    std::map<std::string, std::vector<Packet>> packets;
    for (const std::string& place : lab_->places()) packets[place] = lab_->captured(place);
    return sort_captures(packets);
  }

  /// Everything that has been on the wires, when the last packets have come.
  void expect_as_recorded() {
    Differences found;
    eventually([&] {
      found.clear();
      const Captures ours = captures();
      for (const auto& [name, step] : recorded_)
        for (const std::string& one : compare_step(step, ours)) found.push_back(name + " " + one);
      return found.empty();
    });
    EXPECT_TRUE(found.empty()) << to_text(found);
  }

  void expect_sound(const Captures& ours, const std::set<std::string>& between) {
    std::set<std::string> flows;
    for (const auto& [name, step] : recorded_) {
      flows.merge(flows_of(step));
      // Controls: what is asked of ours holds for the recording.
      EXPECT_EQ(to_text(check_sums(step)), "") << "the recording's " << name;
      EXPECT_EQ(to_text(check_transit(step, flows_of(step))), "") << "the recording's " << name;
    }
    EXPECT_EQ(to_text(check_sums(ours)), "");
    EXPECT_EQ(to_text(check_transit(ours, flows)), "");
    EXPECT_EQ(to_text(compare_arp(recorded_.front().second, ours, GetParam().vip)), "");
    for (const auto& [place, sorted] : ours) {
      EXPECT_EQ(to_text(sorted.others), "") << place;
      for (const auto& [hop, packets] : sorted.hops)
        EXPECT_TRUE(flows.contains(hop.flow) || between.contains(hop.flow))
            << place << " " << to_text(hop) << ": nobody asked for this";
    }
    lab_->expect_nothing_lost();
  }

  /// What the director counts is what came; and where no acknowledgements are in it, which kernels
  /// send as they like, it is what IPVS counted. An exception: IPVS counts datagrams put together,
  /// ours counts the two more fragments and their headers. What its own ICMP adds to IPVS's
  /// outgoing figures (dr, tun) is no packet of a server's.
  void expect_counted(const Captures& ours) {
    const auto here = figures_of(lab_->list(), GetParam().vip);
    std::map<std::string, std::pair<long, long>> by_service;
    for (const auto& [key, figures] : here) {
      auto& [count, bytes] = by_service[key.substr(0, key.rfind(' '))];
      count += figures.packets;
      bytes += figures.bytes;
    }
    EXPECT_EQ(by_service, arrived(ours));
    for (auto [key, expected] : figures_of(recording_->final_figures(), GetParam().vip)) {
      if (key.find(":80 ") != std::string::npos) continue;
      const bool is_nat = GetParam().name == "nat";
      if (key.find(":53 ") != std::string::npos && expected.bytes > 4000) {
        expected.packets += 2;
        expected.bytes += 2 * 20;
        expected.packets_out += is_nat ? 2 : 0;
        expected.bytes_out += is_nat ? 2 * 20 : 0;
      }
      if (!is_nat) expected.packets_out = expected.bytes_out = 0;
      const auto found = here.find(key);
      ASSERT_NE(found, here.end()) << key;
      EXPECT_EQ(found->second, expected) << key;
    }
  }

  std::optional<Recording> recording_;
  std::unique_ptr<FlowsLab> lab_;
  std::vector<std::pair<std::string, Captures>> recorded_;
};

TEST_P(GoldenFlows, EveryStepIsOnTheWireAsIpvsHadIt) {
  Play play(*lab_, GetParam());
  play.steps([&](const std::string& name, const Json& result) {
    lab_->fetch();
    const RecordedStep& step = recording_->step(name);
    if (!result.is_null()) {
      EXPECT_EQ(to_text(as_kept(result)), to_text(step.result)) << name;
    }
    expect_listed(name, step.connections);
  });
  play.walk([&](const std::string& heading) {
    lab_->fetch();
    expect_walked(heading);
  });
  expect_as_recorded();
  const Captures ours = captures();
  expect_sound(ours, play.flows_between());
  expect_counted(ours);
}

INSTANTIATE_TEST_SUITE_P(Each, GoldenFlows, testing::ValuesIn(golden_parts()),
                         [](const auto& part) { return part.param.name; });

}  // namespace
}  // namespace lvs::test
