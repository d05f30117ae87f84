#include "director/io/listing.h"

#include <gtest/gtest.h>

#include "director/core/scheduler/table.h"
#include "tests/support/memory_carrier.h"

namespace lvs::director {
namespace {

constexpr Ipv4Addr kVip(192, 168, 1, 99);

/// An engine with two services; the later one sorts first.
class ListingTest : public ::testing::Test {
 protected:
  ListingTest() : engine_({.connections = 64}, {}, kSchedulers, Tick{}), pump_(engine_, carrier_) {
    add({Protocol::Udp, kVip, Port{53}}, ForwardMethod::Local, {});
    add({Protocol::Tcp, kVip, Port{80}}, ForwardMethod::Route, engine_.add_next_hop({}).value());
  }
  void add(const ServiceKey& key, ForwardMethod method, NextHopId hop) {
    ServiceConfig service;
    service.key = key;
    service.name = "a-name";
    service.scheduler = "rr";
    ServerConfig server;
    server.address = Ipv4Addr(192, 168, 1, 91);
    server.port = key.port;
    server.name = "rs1";
    server.method = method;
    server.next_hop = hop;
    ASSERT_TRUE(engine_.add_service(service));
    ASSERT_TRUE(engine_.add_server(key, server));
  }
  Json state() {
    const WorkerView view{engine_, carrier_, pump_, Tick{1234}};
    return state_document(take_state(view),
                          [](NextHopId id) { return "hop " + std::to_string(id.number); });
  }

  Engine engine_;
  MemoryCarrier carrier_;
  Pump pump_;
};

TEST_F(ListingTest, SortsServicesAndSaysWhereTheirServersAre) {
  const Json document = state();
  const Json::Array& services = *document.find("services")->as_array();
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(*services[0].text_at("protocol"), "tcp");
  EXPECT_EQ(*services[0].find("servers")->as_array()->front().text_at("next_hop"), "hop 1");
  EXPECT_EQ(*services[1].text_at("protocol"), "udp");
  EXPECT_EQ(*services[1].find("servers")->as_array()->front().text_at("method"), "local");
  EXPECT_EQ(*services[1].find("servers")->as_array()->front().text_at("next_hop"), "-");
  EXPECT_EQ(*document.int_at("uptime_s"), 12);
}

TEST_F(ListingTest, NamesEveryDropReason) {
  const Json document = state();
  const Json* const dropped = document.find("counters")->find("dropped");
  EXPECT_EQ(dropped->as_object()->size(), kDropReasons - 1);
  EXPECT_NE(dropped->find("no_neighbour"), nullptr);
}

TEST_F(ListingTest, TextShowsOnlyTheReasonsThatOccurred) {
  engine_.count({.action = Action::Drop, .reason = DropReason::TableFull});
  const std::string text = listing_text(state(), {});
  EXPECT_NE(text.find("drop 1 (table_full 1)"), std::string::npos) << text;
  EXPECT_EQ(text.find("no_neighbour"), std::string::npos) << text;
  EXPECT_NE(text.find("eth0 lost 3"), std::string::npos) << text;
}

TEST_F(ListingTest, TextShowsFtpWhereSomebodyCameForIt) {
  Json document = state();
  EXPECT_EQ(*document.find("ftp")->int_at("sessions"), 0);
  EXPECT_EQ(listing_text(document, {}).find("ftp"), std::string::npos);
  Json ftp = *document.find("ftp");
  ftp.set("sessions", 3);
  ftp.set("foreign", 2);
  document.set("ftp", std::move(ftp));
  const std::string text = listing_text(document, {});
  EXPECT_NE(text.find("ftp through nat: sessions 3 (refused 0)"), std::string::npos) << text;
  EXPECT_NE(text.find("foreign 2"), std::string::npos) << text;
}

TEST_F(ListingTest, TextAlignsItsColumns) {
  const std::string text = listing_text(state(), {});
  EXPECT_NE(text.find("  server  address          method  weight  active"), std::string::npos)
      << text;
  EXPECT_NE(text.find("  rs1     192.168.1.91:80  dr           1       0"), std::string::npos)
      << text;
}

TEST(ListingText, SurvivesADocumentWithNothingInIt) {
  EXPECT_FALSE(listing_text(Json::object(), {}).empty());
  EXPECT_FALSE(listing_text({}, Json::array()).empty());
}

}  // namespace
}  // namespace lvs::director
