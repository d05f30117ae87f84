#include "director/core/ipvsadm/carry_out.h"

#include <gtest/gtest.h>

#include <string_view>

#include "director/core/ipvsadm/parse.h"

namespace lvs::director::ipvsadm {
namespace {

class Administrator {
 public:
  /// False: refused.
  bool does(std::string_view line) {
    const auto command = parse_line(line, {});
    return command && carry_out(*command, target_, Tick{}).has_value();
  }
  Engine& engine() { return engine_; }

 private:
  Engine engine_{{.connections = 16}, {}, kSchedulers, Tick{}};
  CommonSettings common_;
  Target target_{engine_, common_, [](const IpAddr&) -> Result<NextHopId> { return NextHopId{1}; }};
};

TEST(IpvsadmCarryOut, MakesServicesAndServers) {
  Administrator admin;
  ASSERT_TRUE(admin.does("-A -t 10.0.0.1:80 -s rr"));
  ASSERT_TRUE(admin.does("-a -t 10.0.0.1:80 -r 10.0.0.2 -w 7"));
  const auto services = admin.engine().services();
  ASSERT_EQ(services.size(), 1u);
  EXPECT_EQ(services[0].config.scheduler, "rr");
  ASSERT_EQ(services[0].servers.size(), 1u);
  EXPECT_EQ(services[0].servers[0].config.weight, 7u);
  EXPECT_EQ(services[0].servers[0].config.next_hop, NextHopId{1});
}

TEST(IpvsadmCarryOut, RefusesWhatIsThereOrIsNot) {
  Administrator admin;
  EXPECT_FALSE(admin.does("-E -t 10.0.0.1:80"));
  EXPECT_FALSE(admin.does("-a -t 10.0.0.1:80 -r 10.0.0.2"));
  EXPECT_TRUE(admin.does("-A -t 10.0.0.1:80"));
  EXPECT_FALSE(admin.does("-A -t 10.0.0.1:80"));
  EXPECT_FALSE(admin.does("-A -t 10.0.0.1:81 -s bogus"));
  EXPECT_FALSE(admin.does("-A -u 10.0.0.1:5060 -p --pe sip"));
  EXPECT_FALSE(admin.does("-d -t 10.0.0.1:80 -r 10.0.0.2"));
}

TEST(IpvsadmCarryOut, SetsTimeoutsOfAllServicesThatAreAndWillBe) {
  Administrator admin;
  ASSERT_TRUE(admin.does("-A -t 10.0.0.1:80"));
  ASSERT_TRUE(admin.does("--set 30 0 40"));
  ASSERT_TRUE(admin.does("-A -t 10.0.0.1:81"));
  for (const ServiceStatus& service : admin.engine().services()) {
    EXPECT_EQ(service.config.tcp_timeout_s, 30u);
    EXPECT_EQ(service.config.tcp_fin_timeout_s, 120u);
    EXPECT_EQ(service.config.udp_timeout_s, 40u);
  }
}

TEST(IpvsadmCarryOut, EditingKeepsWhatIpvsadmDoesNotKnow) {
  Administrator admin;
  ASSERT_TRUE(admin.engine()
                  .add_service({.key = {.vip = Ipv4Addr{10, 0, 0, 1}, .port = Port{80}},
                                .name = "shop",
                                .tcp_timeout_s = 77,
                                .expire_nodest_conn = true})
                  .has_value());
  ASSERT_TRUE(admin.does("-E -t 10.0.0.1:80 -s lc"));
  const ServiceConfig config = admin.engine().services()[0].config;
  EXPECT_EQ(config.scheduler, "lc");
  EXPECT_EQ(config.name, "shop");
  EXPECT_EQ(config.tcp_timeout_s, 77u);
  EXPECT_TRUE(config.expire_nodest_conn);
}

TEST(IpvsadmCarryOut, ClearsAll) {
  Administrator admin;
  ASSERT_TRUE(admin.does("-A -t 10.0.0.1:80"));
  ASSERT_TRUE(admin.does("-A -f 3"));
  ASSERT_TRUE(admin.does("-C"));
  EXPECT_TRUE(admin.engine().services().empty());
}

}  // namespace
}  // namespace lvs::director::ipvsadm
