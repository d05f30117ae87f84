// What a real server of method tun is, by each way out of the tunnel.

#include "profiles/core/desired/tunnel_way.h"
#include "tests/unit/profiles/desired_cases.h"

namespace lvs::profiles {
namespace {

Desired rs1(const std::string& text, const Abilities& can) {
  return desire_on(text, "rs1", Role::RealServer, can);
}

/// From the first line that is not about ARP.
Lines behind_arp(const Desired& desired) {
  Lines lines = told(desired);
  std::erase_if(lines, [](const std::string& line) {
    return line.find("arp_") != std::string::npos || line.starts_with("ARP probe");
  });
  return lines;
}

constexpr const char* kProbe =
    "tunnel probe on eth0: a packet from 192.168.1.90 to 192.168.2.91 must bring its inner packet "
    "to 192.168.1.99";
constexpr const char* kTable =
    "nft table inet lvskit_tun (input: accept IPv4 protocol 4 from 192.168.1.90/32)";
constexpr const char* kPass =
    "pass input: IPv4 protocol 4 from 192.168.1.90/32 [lvskit:tun:accept-4-192.168.1.90]";

TEST(DesireTunnelEnd, MakesADeviceOfItsOwnInSafeOrder) {
  Abilities can = able(true, true);
  can.udev = true;
  const Desired desired = rs1(shipped_text("tun"), can);
  const Lines expected{
      "tunnel device lvs4-c0a8025b (ipip, local 192.168.2.91)",
      "lower rp_filter on lvs4-c0a8025b",
      "wait until udev leaves lvs4-c0a8025b alone (net.ipv4.conf.lvs4-c0a8025b.rp_filter stays 0)",
      "effective rp_filter on lvs4-c0a8025b: 0",
      "read back effective rp_filter on lvs4-c0a8025b (must be 0)",
      "link lvs4-c0a8025b up",
      "192.168.1.99 on lvs4-c0a8025b",
      kTable,
      kPass,
      kProbe};
  EXPECT_EQ(behind_arp(desired), expected);
  EXPECT_EQ(desired.notes, Lines{"decapsulation by a kernel device (ipip: is there)"});
  EXPECT_TRUE(told(desired).front().ends_with("/arp_announce=2"));
  EXPECT_TRUE(told(desired).back().starts_with("ARP probe on eth0"));
}

TEST(DesireTunnelEnd, HangsAProgramOnTheNicWhereTheKernelHasNoDevice) {
  const Desired desired = rs1(shipped_text("tun"), able(false, true));
  const Lines expected{
      "192.168.1.99 on lo", "route 192.168.1.99/32 dev lo proto 76", "qdisc clsact on eth0",
      "BPF program lvskit_decap at ingress of eth0 (IPIP to 192.168.2.91 for 192.168.1.99)",
      kProbe};
  EXPECT_EQ(behind_arp(desired), expected);
  EXPECT_EQ(desired.notes, Lines{"decapsulation by a BPF program (allowed): no kernel device "
                                 "(ipip: no module)"});
}

TEST(DesireTunnelEnd, RunsAProcessWhereNothingElseMay) {
  const Desired desired = rs1(shipped_text("tun"), able(false, false));
  const Lines expected{"effective rp_filter on lo: 0 or 2",
                       "read back effective rp_filter on lo (must be 0 or 2)",
                       "192.168.1.99 on lo",
                       "route 192.168.1.99/32 dev lo proto 76",
                       "decapsulating process (IPIP to 192.168.2.91 for 192.168.1.99)",
                       kTable,
                       kPass,
                       kProbe};
  EXPECT_EQ(behind_arp(desired), expected);
  EXPECT_EQ(desired.notes, Lines{"decapsulation by a process: no kernel device (ipip: no module), "
                                 "no BPF program (not permitted)"});
}

std::string with_decap(const std::string& decap) {
  return replaced(shipped_text("tun"), "gateway   = \"192.168.2.1\"\n",
                  "gateway = \"192.168.2.1\"\ndecap = \"" + decap + "\"\n");
}

TEST(DesireTunnelEnd, UsesTheKernelsTunl0WhereItIsSaid) {
  const Desired desired = rs1(with_decap("tunl0"), able(true, true));
  ASSERT_EQ(desired.devices.size(), 1U);
  EXPECT_EQ(desired.devices[0].link, "tunl0");
  const Lines expected{"lower rp_filter on tunl0",
                       "effective rp_filter on tunl0: 0",
                       "read back effective rp_filter on tunl0 (must be 0)",
                       "link tunl0 up",
                       "192.168.1.99 on tunl0",
                       kTable,
                       kPass,
                       kProbe};
  EXPECT_EQ(behind_arp(desired), expected);
}

TEST(DesireTunnelEnd, LacksWhatIsSaidAndCannotBeHad) {
  EXPECT_EQ(rs1(with_decap("ipip"), able(false, true)).lacking,
            Lines{R"(decap = "ipip" needs a kernel device of kind ipip: no module)"});
  EXPECT_EQ(rs1(with_decap("bpf"), able(true, false)).lacking,
            Lines{R"(decap = "bpf" needs the right to load a BPF program (not permitted))"});
  EXPECT_TRUE(rs1(with_decap("process"), able(false, false)).lacking.empty());
}

TEST(DesireTunnelEnd, TakesGueOutWithoutADeviceAndLetsItsPortIn) {
  const std::string text = replaced(shipped_text("tun"), "scheduler = \"rr\"",
                                    "scheduler = \"rr\"\ntunnel = { type = \"gue\", port = 6081 }");
  EXPECT_EQ(lines_with(rs1(text, able(true, true)), "BPF program").size(), 1U);
  const Desired desired = rs1(text, able(true, false));
  EXPECT_EQ(lines_with(desired, "pass input"),
            Lines{"pass input: IPv4 protocol 17 port 6081 from 192.168.1.90/32 "
                  "[lvskit:tun:accept-17-6081-192.168.1.90]"});
  EXPECT_EQ(lines_with(desired, "process"),
            Lines{"decapsulating process (GUE to 192.168.2.91:6081 for 192.168.1.99)"});
}

TEST(DesireTunnelEnd, CarriesBothFamiliesByADeviceEach) {
  const std::string text = replaced(shipped_text("tun"), "vip       = \"192.168.1.99\"",
                                    R"(vip = ["192.168.1.99", "fd00:1::99"])");
  const Desired desired = rs1(text, able(true, false));
  EXPECT_EQ(lines_with(desired, "tunnel device"),
            (Lines{"tunnel device lvs4-c0a8025b (ipip, local 192.168.2.91)",
                   "tunnel device lvs6-c0a8025b (sit, local 192.168.2.91)"}));
  EXPECT_EQ(lines_with(desired, "fd00:1::99 on"), Lines{"fd00:1::99 on lvs6-c0a8025b"});
  EXPECT_EQ(lines_with(desired, "lower"), Lines{"lower rp_filter on lvs4-c0a8025b"});
  EXPECT_EQ(lines_with(desired, "pass input").size(), 2U);
  EXPECT_EQ(lines_with(desired, "tunnel probe").size(), 2U);
}

TEST(DesireTunnelEnd, LetsInEachDirectorByTheAddressesThatReachIt) {
  const std::string text = shipped_text("tun") +
                           "[host.lb2]\nrole = \"director\"\nnics = [{ name = \"eth0\", address = "
                           "\"192.168.1.89/24\" }, { name = \"eth1\", address = "
                           "\"192.168.2.89/24\" }]\n";
  const Lines lines = lines_with(rs1(text, able(true, false)), "pass input");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find("192.168.1.90"), std::string::npos);
  EXPECT_NE(lines[1].find("192.168.2.89"), std::string::npos) << "the nearer one alone";
}

TEST(DesireTunnelEnd, LeavesAVipOnLoThatIsServedByDrToo) {
  const std::string text =
      replaced(shipped_text("tun"), "[host.gw1]",
               "[[service]]\nvip = \"192.168.1.99\"\nport = 81\nmethod = \"dr\"\nscheduler = "
               "\"rr\"\nservers = [\"rs3\"]\n[host.rs3]\nrole = \"realserver\"\ninterface = "
               "\"eth0\"\naddress = \"192.168.1.93/24\"\n[host.gw1]");
  const std::string both = replaced(text, R"(["rs1", "rs2"])", R"(["rs1", "rs2", "rs3"])");
  const Desired desired = desire_on(both, "rs3", Role::RealServer, able(true, false));
  EXPECT_EQ(lines_with(desired, "192.168.1.99 on"), Lines{"192.168.1.99 on lo"});
}

TEST(DesireTunnelEnd, LetsTheProfileOverrideTheFilter) {
  const std::string text = shipped_text("tun") +
                           "[host.rs1.sysctl]\n"
                           "net.ipv4.conf.all.rp_filter = 2\n";
  const Desired desired = rs1(text, able(true, false));
  EXPECT_TRUE(lines_with(desired, "lower").empty());
  EXPECT_EQ(lines_with(desired, "all/rp_filter"), Lines{"net/ipv4/conf/all/rp_filter=2"});
  EXPECT_EQ(lines_with(desired, "effective rp_filter on").front(),
            "effective rp_filter on lvs4-c0a8025b: 0 or 2");
  EXPECT_EQ(desired.notes.size(), 2U);
}

TEST(DeviceName, IsAFunctionOfKindAndAddressThatLeavesRoomForALabel) {
  const IpAddr v6 = *parse_ip("fd00::5b");
  const std::string name = device_name(TunnelKind::Ip6tnl, v6);
  EXPECT_EQ(name.size(), 13U);
  EXPECT_TRUE(name.starts_with("lvst-"));
  EXPECT_EQ(name, device_name(TunnelKind::Ip6tnl, v6));
  EXPECT_NE(name, device_name(TunnelKind::Ip6tnl, *parse_ip("fd00::5c")));
}

TEST(DesireSilence, KeepsToAnArpTableWhereItIsSaid) {
  const std::string text = shipped_text("dr") + "arp = \"nft\"\n";
  const Lines expected{
      "nft table arp lvskit_dr (drop who-has 192.168.1.99; own ARP requests on eth0 from "
      "192.168.1.99 are sent from 192.168.1.92; drop replies that claim 192.168.1.99)",
      "192.168.1.99 on lo", "route 192.168.1.99/32 dev lo proto 76",
      "ARP probe on eth0: who-has 192.168.1.99 must stay unanswered (control: 192.168.1.92 must be "
      "answered)"};
  EXPECT_EQ(told(desire_on(text, "rs2", Role::RealServer)), expected);
}

}  // namespace
}  // namespace lvs::profiles
