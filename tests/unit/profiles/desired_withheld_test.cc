// What a director keeps from its kernel for services that are not one protocol, VIP and port.

#include "tests/unit/profiles/desired_cases.h"

namespace lvs::profiles {
namespace {

/// A director with these services and marks; its outside address is the VIP of the field's nat.
std::string cluster(const std::string& services) {
  return "name = \"w\"\n" + services +
         R"([host.lb1]
role = "director"
nics = [{ name = "eth0", address = "192.168.1.91/24", outside = true },
        { name = "eth1", address = "192.168.3.1/24" }]
[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.3.2/24"
[host.rs2]
role = "realserver"
interface = "eth0"
address = "192.168.1.92/24"
)";
}

Desired director(const std::string& services) {
  return desire_on(cluster(services), "lb1", Role::Director);
}

Withholding table_of(const Desired& desired) {
  for (const Wish& wish : desired.wishes)
    if (const auto* table = std::get_if<WithholdingWish>(&wish)) return table->object;
  ADD_FAILURE() << "nothing is withheld";
  return {};
}

Lines ranges_at(const Desired& desired, const std::string& link) {
  Lines lines;
  for (const WithheldRange& range : table_of(desired).ranges)
    if (range.link == link) lines.push_back(describe(range));
  return lines;
}

TEST(DesireWithheld, FtpByNatHasDataPortsOnBothSides) {
  const Desired desired = director(
      "[[service]]\nvip = \"192.168.1.99\"\nport = 21\nmethod = \"nat\"\nservers = [\"rs1\"]\n");
  const Withholding table = table_of(desired);
  const IpAddr vip = Ipv4Addr{192, 168, 1, 99};
  EXPECT_EQ(table.services, (std::vector<WithheldService>{{Protocol::Tcp, vip, Port{20}},
                                                          {Protocol::Tcp, vip, Port{21}}}));
  for (const char* link : {"eth0", "eth1"})
    EXPECT_EQ(ranges_at(desired, link), (Lines{"tcp from 192.168.3.2/32 ports 0-65535",
                                               "tcp to 192.168.1.99 ports 1024-65535"}));
  EXPECT_FALSE(table.own.empty());
  EXPECT_TRUE(desired.notes.empty()) << desired.notes.front();
}

TEST(DesireWithheld, SaysThatFtpAtTheHostsOwnAddressMeetsItsOwnConnections) {
  const Desired desired = director(
      "[[service]]\nvip = \"192.168.1.91\"\nport = 21\nmethod = \"nat\"\nservers = [\"rs1\"]\n");
  EXPECT_TRUE(desired.refusals.empty());
  ASSERT_EQ(desired.notes.size(), 1U);
  EXPECT_EQ(desired.notes.front(),
            "service tcp-192.168.1.91-21 takes TCP ports 1024 to 65535 of 192.168.1.91, which is "
            "this host's own address: answers to connections that this host opens from there pass "
            "the director, and are lost while none runs");
}

TEST(DesireWithheld, EveryPortOfAVipIsARange) {
  const Desired desired = director(
      "[[service]]\nvip = \"192.168.1.99\"\nport = 0\npersistence = true\n"
      "protocol = [\"tcp\", \"udp\"]\nmethod = \"dr\"\nservers = [\"rs2\"]\n");
  EXPECT_EQ(ranges_at(desired, "eth0"),
            (Lines{"tcp to 192.168.1.99 ports 0-65535", "udp to 192.168.1.99 ports 0-65535"}));
  EXPECT_TRUE(table_of(desired).own.empty()) << "no rule asks for them";
  EXPECT_EQ(lines_with(desired, "192.168.1.99 on eth0 at once").size(), 1U);
}

TEST(DesireWithheld, RefusesToTakeEveryPortOfTheHostsOwnAddress) {
  const auto refusals = [](const std::string& services) { return director(services).refusals; };
  const std::string every =
      "[[service]]\nname = \"all\"\nport = 0\npersistence = true\nmethod = \"nat\"\n"
      "servers = [\"rs1\"]\nvip = ";
  EXPECT_EQ(refusals(every + "\"192.168.1.91\"\n"),
            Lines{"service all takes every port of 192.168.1.91, which is this host's own address: "
                  "nobody could reach the host there any more, by ssh neither; give the service a "
                  "VIP of its own"});
  EXPECT_TRUE(refusals(every + "\"192.168.1.99\"\n").empty());
  const std::string mark =
      "[[service]]\nmark = 1\nmethod = \"nat\"\nservers = [\"rs1\"]\n[[mark]]\nvalue = 1\n"
      "vip = \"192.168.1.91\"\n";
  EXPECT_EQ(refusals(mark).size(), 1U);
  EXPECT_EQ(refusals(mark + "ports = [\"1-65535\"]\n").size(), 1U);
  EXPECT_TRUE(refusals(mark + "ports = [80, 443]\n").empty());
}

const char* const kMark = "[[service]]\nmark = 1\nmethod = \"dr\"\nservers = [\"rs2\"]\n";

TEST(DesireWithheld, AMarksVipIsOnTheHostsAsEveryVip) {
  const std::string services = std::string(kMark) +
                               "[[mark]]\nvalue = 1\nvip = \"192.168.1.99\"\nprotocol = \"tcp\"\n"
                               "ports = [80, 443]\n";
  const Desired desired = director(services);
  EXPECT_EQ(ranges_at(desired, "eth0"),
            (Lines{"tcp to 192.168.1.99 ports 80-80", "tcp to 192.168.1.99 ports 443-443"}));
  EXPECT_EQ(table_of(desired).fragments_to, (std::vector<IpAddr>{Ipv4Addr{192, 168, 1, 99}}));
  EXPECT_EQ(lines_with(desired, "192.168.1.99 on eth0 at once").size(), 1U);
  const Desired server = desire_on(cluster(services), "rs2", Role::RealServer);
  EXPECT_EQ(lines_with(server, "192.168.1.99 on lo").size(), 1U);
  EXPECT_TRUE(server.notes.empty()) << server.notes.front();
}

TEST(DesireWithheld, AMarkWithoutAVipLeavesTheHostsOwnAddressesAlone) {
  const std::string services = std::string(kMark) +
                               "[[mark]]\nvalue = 1\nprotocol = \"tcp\"\nports = [80]\n"
                               "source = \"10.1.0.0/16\"\ninterface = \"eth1\"\n";
  const Desired desired = director(services);
  EXPECT_EQ(ranges_at(desired, "eth1"),
            (Lines{"fragments from 10.1.0.0/16", "tcp from 10.1.0.0/16 to others ports 80-80"}));
  EXPECT_EQ(table_of(desired).links, Lines{"eth1"});
  EXPECT_EQ(table_of(desired).own,
            (std::vector<IpAddr>{Ipv4Addr{192, 168, 1, 91}, Ipv4Addr{192, 168, 3, 1}}));
  const Desired server = desire_on(cluster(services), "rs2", Role::RealServer);
  ASSERT_EQ(server.notes.size(), 2U);
  EXPECT_NE(server.notes.front().find("addresses that this profile does not name"),
            std::string::npos);
}

TEST(DesireWithheld, SaysThatAMarkWithoutEntriesHasNoPackets) {
  const Desired desired = director(kMark);
  ASSERT_EQ(desired.notes.size(), 1U);
  EXPECT_NE(desired.notes.front().find("service mark-1 gets no packets"), std::string::npos);
}

TEST(DesireWithheld, ServersOfAMarkByNatHaveTheirGateway) {
  const std::string text = cluster(
      "[[service]]\nmark = 1\nmethod = \"nat\"\nservers = [\"rs1\"]\n[[mark]]\nvalue = 1\n");
  EXPECT_EQ(told(desire_on(text, "rs1", Role::RealServer)),
            Lines{"default via 192.168.3.1 dev eth0"});
}

}  // namespace
}  // namespace lvs::profiles
