#include <gtest/gtest.h>

#include <fstream>

#include "tests/lab/flows/book.h"
#include "tests/lab/flows/eventually.h"
#include "tests/lab/flows/play.h"

// The same steps by IPv6, and by GUE and GRE with and without checksums, against what the IPVS of a
// guest kernel (6.1) had on the client's and the director's wires: recorded/NAME.txt, made by
// record/record.sh. What may differ is said in lines.h.

namespace lvs::test {
namespace {

/// An exception. IPVS of that kernel verifies the checksum of a server's ICMPv6 error without the
/// pseudo-header and drops it; ours tells the client, as IPVS does in IPv4: from the VIP, one hop
/// less, and with the VIP in what is quoted.
void mend_errors_of_nat6_servers(Book& recorded) {
  const auto line = [](const std::string& ttl) {
    return "2001:db8::102 > 2001:db8:c::10 ttl " + ttl +
           " tos 0 length 110 icmp 1/4 word 0 quoting 62 bytes: "
           "2001:db8:c::10 > 2001:db8::102 ttl 62 tos 0 protocol 17 10212 > 9999";
  };
  const auto hop = [](const std::string& macs) { return FlowHop{"udp 10212", false, macs}; };
  recorded[{"dir:eth0", hop("03<05")}].packets = {line("63")};
  recorded[{"client:eth0", hop("01<02")}].packets = {line("62")};
}

class RecordedFlows : public testing::TestWithParam<Part> {
 protected:
  void SetUp() override {
    std::ifstream in(std::string(LVS_RECORDED_FLOWS) + "/" + GetParam().name + ".txt");
    recorded_ = read_book(in);
    ASSERT_GT(recorded_.size(), 20u) << "no recording of " << GetParam().name;
    if (GetParam().name == "nat6") mend_errors_of_nat6_servers(recorded_);
    lab_ = FlowsLab::make();
    if (!lab_) GTEST_SKIP() << "needs the right to make network namespaces (CAP_SYS_ADMIN)";
    ASSERT_NO_FATAL_FAILURE(lab_->write_profile(services_of({GetParam()})));
    ASSERT_NO_FATAL_FAILURE(lab_->set_up({GetParam().servers.begin(), GetParam().servers.end()}));
    ASSERT_NO_FATAL_FAILURE(lab_->run_director());
  }
  void TearDown() override {
    if (lab_ && HasFailure()) ADD_FAILURE() << lab_->director_log();
  }

  Captures captures() {
    std::map<std::string, std::vector<Packet>> packets;
    for (const std::string& place : lab_->places()) packets[place] = lab_->captured(place);
    return sort_captures(packets);
  }

  void expect_as_recorded(const std::set<std::string>& flows) {
    Differences found;
    eventually([&] {
      const Book ours = book_of(captures(), flows, {"client:eth0", "dir:eth0", "dir:eth1"});
      found = compare(recorded_, ours);
      return found.empty();
    });
    EXPECT_TRUE(found.empty()) << to_text(found);
  }

  Book recorded_;
  std::unique_ptr<FlowsLab> lab_;
};

TEST_P(RecordedFlows, EveryStepIsOnTheWireAsIpvsHadIt) {
  Play play(*lab_, GetParam());
  play.steps([&](const std::string& /*name*/, const Json& /*result*/) { lab_->fetch(); });
  expect_as_recorded(play.flows());
  const Captures ours = captures();
  EXPECT_EQ(to_text(check_sums(ours)), "");
  EXPECT_EQ(to_text(check_transit(ours, play.flows())), "");
  for (const auto& [place, sorted] : ours) EXPECT_EQ(to_text(sorted.others), "") << place;
  lab_->expect_nothing_lost();
}

INSTANTIATE_TEST_SUITE_P(Each, RecordedFlows, testing::ValuesIn(own_parts()),
                         [](const auto& part) { return part.param.name; });

}  // namespace
}  // namespace lvs::test
