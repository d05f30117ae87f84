// record-flows PART: plays the steps of tests/lab/flows with real IPVS in the director's place and
// prints what was on the client's and the director's wires, in the form of recorded/PART.txt. For a
// kernel that has IPVS and tunnel devices.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "tests/lab/flows/book.h"
#include "tests/lab/flows/eventually.h"
#include "tests/lab/flows/play.h"

namespace lvs::test {
namespace {

std::string length(const Part& part) { return part.is_v6() ? "/128" : "/32"; }

void make_director(const FlowsLab& lab, const Part& part) {
  std::string script =
      "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding\n"
      "for i in all eth0 eth1; do echo 0 > /proc/sys/net/ipv4/conf/$i/send_redirects; done\n"
      "ip addr add " +
      part.vip + length(part) + " dev eth0" +
      // Else it would be the source of tunnel packets, which the server, who has it too, refuses.
      (part.is_v6() ? " nodad preferred_lft 0" : "") + "\n";
  for (const std::string& command : commands_of(part)) script += command + "\n";
  lab.sh("dir", script);
}

void make_server(const FlowsLab& lab, const Part& part, const std::string& host) {
  std::string script =
      "for i in all eth0 lo; do echo 1 > /proc/sys/net/ipv4/conf/$i/arp_ignore;"
      "  echo 2 > /proc/sys/net/ipv4/conf/$i/arp_announce; done\n";
  std::string device = "lo";
  if (part.name == "tun6") device = "ip6tnl0";
  if (part.name.rfind("gue", 0) == 0) {
    device = "tunl0";
    script += "ip fou add port 6080 gue\n";
  }
  if (part.name.rfind("gre", 0) == 0) device = "gre0";
  if (part.name == "gre_summed") {  // a device takes either those with a checksum or those without
    device = "vsgre";
    script += "ip link add vsgre type gre csum remote 10.0.0.1 local " +
              part.rips.at(host == part.servers[0] ? 0 : 1) + "\n";
  }
  script += "ip link set " + device + " up\n";
  script += "for i in all " + device + "; do echo 0 > /proc/sys/net/ipv4/conf/$i/rp_filter; done\n";
  if (part.method == "nat")
    script += std::string(part.is_v6() ? "ip -6 route add default via 2001:db8:1::1"
                                       : "ip route add default via 10.1.0.1") +
              "\n";
  else
    script += "ip addr add " + part.vip + length(part) + " dev " + device +
              (part.is_v6() ? " nodad" : "") + "\n";
  lab.sh(host, script);
}

int record(const Part& part) {
  const auto lab = FlowsLab::make();
  if (!lab) return 77;
  make_director(*lab, part);
  for (const std::string& server : part.servers) make_server(*lab, part, server);
  Play play(*lab, part);
  play.steps([&](const std::string& name, const Json& result) {
    lab->fetch();
    std::cerr << name << " " << to_text(result).substr(0, 80) << "\n";
  });
  std::map<std::string, std::vector<Packet>> packets;
  for (const std::string& place : lab->places()) packets[place] = lab->captured(place);
  const Captures captures = sort_captures(packets);
  std::cerr << to_text(check_sums(captures));
  std::cout << to_text(book_of(captures, play.flows(), {"client:eth0", "dir:eth0", "dir:eth1"}));
  return 0;
}

}  // namespace
}  // namespace lvs::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const auto& parts = lvs::test::own_parts();
  const auto part = std::ranges::find(parts, argc > 1 ? argv[1] : "", &lvs::test::Part::name);
  if (part == parts.end()) {
    std::cerr << "record-flows PART, one of:\n";
    for (const auto& one : parts) std::cerr << "  " << one.name << "\n";
    return 64;
  }
  const int status = lvs::test::record(*part);
  return testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed() ? 1 : status;
}
