#include "director/core/scheduler/server_roster.h"

#include <gtest/gtest.h>

#include <vector>

namespace lvs::test {
namespace {

using director::ServerId;
using director::ServerList;
using director::ServerRecord;

ServerRecord server(std::uint8_t host) {
  return {.address = IpAddr{Ipv4Addr{192, 0, 2, host}}, .weight = 2, .active = 1, .port = Port{80}};
}

TEST(ServerRoster, GivesAServerThatComesBackItsNumberWhileItIsHeld) {
  std::vector<ServerRecord> records{server(1), server(2), server(1)};
  const std::vector<ServerId> one{{1}};
  const std::vector<ServerId> two{{2}, {3}};
  director::ServerRoster roster;
  roster.on_added({one, records});
  const director::ServerRoster::Number number = roster.number_of(0);
  roster.hold(number);
  roster.on_removed(0);
  EXPECT_EQ(roster.seat_of(number), std::nullopt);

  roster.on_added(ServerList{two, records}.first(1));
  EXPECT_NE(roster.number_of(0), number);
  roster.on_added({two, records});
  EXPECT_EQ(roster.number_of(1), number);
  EXPECT_EQ(roster.seat_of(number), 1u);
}

TEST(ServerRoster, GivesANumberAgainThatNobodyHolds) {
  std::vector<ServerRecord> records{server(1), server(2)};
  const std::vector<ServerId> one{{1}};
  const std::vector<ServerId> two{{2}};
  director::ServerRoster roster;
  roster.on_added({one, records});
  const director::ServerRoster::Number number = roster.number_of(0);
  roster.hold(number);
  roster.release(number);
  roster.on_removed(0);
  roster.on_added({two, records});
  EXPECT_EQ(roster.number_of(0), number);
}

TEST(ServerRoster, KnowsTheLoadOfAServerOutOfTheServiceUntilItsRecordIsAnothers) {
  std::vector<ServerRecord> records{server(1)};
  const std::vector<ServerId> one{{1}};
  director::ServerRoster roster;
  roster.on_added({one, records});
  roster.hold(0);
  roster.on_removed(0);
  EXPECT_EQ(roster.share_of({{}, records}, 0), (director::Share{256, 2}));
  records[0] = server(9);
  EXPECT_EQ(roster.share_of({{}, records}, 0), (director::Share{0, 2}));
}

}  // namespace
}  // namespace lvs::test
