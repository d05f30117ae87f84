// A tunnel of type gue on a link whose GRO puts UDP datagrams together.

#include "tests/unit/profiles/desired_cases.h"

namespace lvs::profiles {
namespace {

std::string gue_text() {
  return replaced(shipped_text("tun"), "scheduler = \"rr\"",
                  "scheduler = \"rr\"\ntunnel = { type = \"gue\" }");
}

Desired rs1(const std::string& text, const std::vector<std::string>& merging) {
  Abilities can = able(false, true);
  can.merging_udp = merging;
  return desire_on(text, "rs1", Role::RealServer, can);
}

TEST(DesireGue, AProgramWouldMeetMergedDatagramsSoAProcessTakesThem) {
  EXPECT_EQ(rs1(gue_text(), {"eth0"}).notes,
            Lines{"decapsulation by a process: for tunnels of type gue and gre we make no kernel "
                  "device, and no BPF program parts what eth0 puts together as UDP datagrams (GRO: "
                  "rx-udp-gro-forwarding or rx-gro-list)"});
  EXPECT_TRUE(rs1(gue_text(), {"eth1"})
                  .notes.front()
                  .starts_with("decapsulation by a BPF program (allowed)"))
      << "control: another link";
}

TEST(DesireGue, AProgramThatIsAskedForIsRefusedWithTheRemedy) {
  const std::string text = replaced(gue_text(), "[host.rs1]", "[host.rs1]\ndecap = \"bpf\"");
  const Desired desired = rs1(text, {"eth0"});
  ASSERT_EQ(desired.lacking.size(), 1U);
  EXPECT_TRUE(desired.lacking.front().ends_with(
      ": ethtool -K eth0 rx-udp-gro-forwarding off rx-gro-list off"))
      << desired.lacking.front();
  EXPECT_TRUE(rs1(text, {}).lacking.empty()) << "control";
}

TEST(DesireGue, OtherTunnelsAreMergedInsideAndStayWithTheProgram) {
  EXPECT_TRUE(rs1(shipped_text("tun"), {"eth0"})
                  .notes.front()
                  .starts_with("decapsulation by a BPF program (allowed)"));
}

}  // namespace
}  // namespace lvs::profiles
