#include <gtest/gtest.h>

#include "director/core/ftp/sessions.h"

namespace lvs::director {
namespace {

TEST(FtpSessions, FindsBySideAndPlace) {
  FtpSessions sessions(4);
  FtpSession* const v4 = sessions.add(Family::Ipv4, 7);
  FtpSession* const v6 = sessions.add(Family::Ipv6, 7);
  ASSERT_TRUE(v4 && v6);
  EXPECT_NE(v4, v6);
  EXPECT_EQ(sessions.find(Family::Ipv4, 7), v4);
  EXPECT_EQ(sessions.find(Family::Ipv6, 7), v6);
  EXPECT_EQ(sessions.find(Family::Ipv4, 8), nullptr);
}

TEST(FtpSessions, RefusesMoreThanItsLimitAndCountsThem) {
  FtpSessions sessions(2);
  EXPECT_TRUE(sessions.add(Family::Ipv4, 1));
  EXPECT_TRUE(sessions.add(Family::Ipv4, 2));
  EXPECT_FALSE(sessions.add(Family::Ipv4, 3));
  EXPECT_EQ(sessions.counters.sessions, 2u);
  EXPECT_EQ(sessions.counters.sessions_refused, 1u);
  sessions.remove(Family::Ipv4, 1);
  EXPECT_TRUE(sessions.add(Family::Ipv4, 3));
  EXPECT_FALSE(FtpSessions(0).add(Family::Ipv4, 1));
}

TEST(FtpSessions, GivesAPlaceBackClean) {
  FtpSessions sessions(3);
  for (const std::uint32_t position : {1u, 4u, 7u}) sessions.add(Family::Ipv4, position)->data = 9;
  sessions.remove(Family::Ipv4, 4);
  sessions.remove(Family::Ipv4, 5);
  EXPECT_EQ(sessions.find(Family::Ipv4, 4), nullptr);
  EXPECT_TRUE(sessions.find(Family::Ipv4, 1) && sessions.find(Family::Ipv4, 7));
  EXPECT_EQ(sessions.add(Family::Ipv4, 4)->data, 0u);
}

}  // namespace
}  // namespace lvs::director
