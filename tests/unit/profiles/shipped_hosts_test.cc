// Every host of every shipped profile, by every way out of a tunnel: applied twice is applied once,
// whatever fails is put back, and two profiles on one host leave as they came.

#include "profiles/core/effective.h"
#include "tests/support/fake_kernel.h"
#include "tests/unit/profiles/desired_cases.h"

namespace lvs::profiles {
namespace {

using test::FakeHost;
using test::FakeKernel;

/// Does what follows from a step: a new interface copies `default` and takes its settings away with
/// it, and a rule of ours stands at the head of its chain.
class WholeKernel : public FakeKernel {
 public:
  using FakeKernel::FakeKernel;
  Result<StepNote> carry_out(const Step& step) override {
    auto note = FakeKernel::carry_out(step);
    if (!note) return note;
    std::visit(Overload{
                   [&](const Add<TunnelFact>& add) { give_settings(add.object.link); },
                   [&](const Remove<TunnelFact>& gone) { take_settings(gone.object.link); },
                   [&](const Add<ForeignRule>& add) { set_rule(add.object, true); },
                   [&](const Remove<ForeignRule>& gone) { set_rule(gone.object, false); },
                   [](const auto&) {},
               },
               step);
    return note;
  }

 private:
  void give_settings(const std::string& link) {
    const std::map<std::string, std::string> before = now.sysctls;
    for (const auto& [key, value] : before)
      if (const std::size_t at = key.find("/default/"); at != std::string::npos)
        now.sysctls[std::string(key).replace(at + 1, 7, link)] = value;
  }
  void take_settings(const std::string& link) {
    const std::string inside = "/" + link + "/";
    std::erase_if(now.sysctls,
                  [&](const auto& item) { return item.first.find(inside) != std::string::npos; });
    std::erase_if(written,
                  [&](const std::string& key) { return key.find(inside) != std::string::npos; });
  }
  void set_rule(const ForeignRule& rule, bool there) {
    for (FirewallChain& chain : now.firewall) {
      if (chain.chain != rule.chain) continue;
      std::vector<FilterRule>& rules = chain.program.rules;
      std::erase_if(rules, [&](const FilterRule& old) { return old.comment == rule.comment; });
      FilterRule ours;
      ours.verdict = FilterVerdict::Accept;
      ours.comment = rule.comment;
      if (there) rules.insert(rules.begin(), ours);
    }
  }
};

void add_settings(Snapshot& host, const std::string& place) {
  // Values that are not what we want, so that one that is not put back is seen.
  for (const auto& [setting, value] : std::map<std::string, std::string>{{"arp_ignore", "0"},
                                                                         {"arp_announce", "1"},
                                                                         {"send_redirects", "1"},
                                                                         {"forwarding", "0"}})
    host.sysctls[conf_key(place, setting)] = value;
  host.sysctls[conf_key(place, "rp_filter")] = place == "all" ? "2" : "0";
  for (const char* setting : {"forwarding", "force_forwarding", "proxy_ndp"})
    host.sysctls["net/ipv6/conf/" + place + "/" + setting] = "0";
}

/// The host as it is before us: its own addresses, a default route, somebody's firewall.
Snapshot start_of(const Host& said) {
  Snapshot host;
  host.links = {"lo"};
  for (const Nic& nic : said.nics) {
    host.links.push_back(nic.name);
    for (const Prefix& own : nic.addresses)
      host.addresses.push_back({nic.name, own.addr, own.length, kScopeGlobal, nic.name, 0});
  }
  add_settings(host, "all");
  add_settings(host, "default");
  for (const std::string& link : host.links) add_settings(host, link);
  RouteFact dhcp;
  dhcp.destination = Prefix{Ipv4Addr{}, 0};
  dhcp.gateway = Ipv4Addr{10, 0, 0, 1};
  dhcp.link = said.nics.front().name;
  dhcp.metric = 100;
  host.routes = {dhcp};
  host.resolved[Ipv4Addr{192, 168, 1, 90}] = MacAddr{{2, 0, 0, 0, 0, 9}};
  for (const Hook hook : {Hook::Input, Hook::Forward}) {
    FirewallChain chain;
    chain.kind = FirewallKind::IptablesNft;
    chain.table = "filter";
    chain.chain = hook == Hook::Input ? "INPUT" : "FORWARD";
    chain.hook = hook;
    chain.drops = true;
    chain.why = "policy drop";
    host.firewall.push_back(chain);
  }
  return host;
}

/// One host of one profile with one set of abilities.
struct Case {
  std::string text;
  std::string host;
  Abilities can;
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{shipped_folder()})
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    const std::string text = shipped_text(file.stem());
    for (const Host& host : profile_of(text).hosts)
      for (const Abilities& can : {able(true, true), able(false, true), able(false, false)})
        cases.push_back({text, host.name, can});
  }
  const std::string both = replaced(shipped_text("tun"), "vip       = \"192.168.1.99\"",
                                    R"(vip = ["192.168.1.99", "fd00:1::99"])");
  for (const Abilities& can : {able(true, true), able(false, true), able(false, false)})
    cases.push_back({both, "rs1", can});
  cases.push_back({shipped_text("dr") + "arp = \"nft\"\n", "rs2", {}});
  cases.push_back({shipped_text("dr") +
                       "[host.c1]\nrole = \"client\"\narp = \"static\"\ninterface = \"eth0\"\n"
                       "address = \"192.168.1.10/24\"\n",
                   "c1",
                   {}});
  return cases;
}

/// The program that does the host's work, under another name of the profile.
Desired wishes_of(const Case& c, const std::string& name = "") {
  Profile profile = profile_of(c.text);
  if (!name.empty()) profile.name = name;
  const Host& host = *profile.host(c.host);
  return desire(profile, host, host.has(Role::Director) ? Role::Director : Role::RealServer, c.can);
}

Snapshot before(const Case& c) {
  const Profile profile = profile_of(c.text);
  return start_of(*profile.host(c.host));
}

/// What a plan that should be empty still wants.
std::string rest_of(const Plan& plan) {
  std::string text;
  for (const PlannedStep& planned : plan.steps) text += "\n" + diff_text(planned.step);
  for (const std::string& conflict : plan.conflicts) text += "\n" + conflict;
  for (const std::string& contradiction : plan.contradictions) text += "\n" + contradiction;
  return text;
}

TEST(ShippedHosts, AreInSyncAfterOneApplyAndAsBeforeAfterRevert) {
  for (const Case& c : all_cases()) {
    WholeKernel kernel{before(c)};
    FakeHost host{kernel, wishes_of(c)};
    ASSERT_TRUE(host.plan().conflicts.empty()) << c.host << ": " << host.plan().conflicts.front();
    ASSERT_TRUE(host.run()) << c.host;
    const int changes = kernel.changes;
    EXPECT_TRUE(host.plan().in_sync()) << c.host << rest_of(host.plan());
    EXPECT_GT(changes, 0) << c.host;
    EXPECT_TRUE(host.revert().complete()) << c.host;
    EXPECT_EQ(kernel.now, before(c)) << c.host;
  }
}

TEST(ShippedHosts, AreAsBeforeWhicheverStepFails) {
  for (const Case& c : all_cases()) {
    WholeKernel counted{before(c)};
    FakeHost whole{counted, wishes_of(c)};
    const int steps = static_cast<int>(whole.plan().steps.size());
    for (int step = 0; step < steps; ++step) {
      WholeKernel kernel{before(c)};
      kernel.fail_at = step;
      FakeHost host{kernel, wishes_of(c)};
      ASSERT_FALSE(host.run()) << c.host << " step " << step;
      EXPECT_EQ(kernel.now, before(c)) << c.host << " step " << step;
    }
  }
}

TEST(ShippedHosts, KeepWhatTheOtherOfTwoProfilesNeeds) {
  for (const Case& c : all_cases()) {
    for (const bool first_goes_first : {true, false}) {
      WholeKernel kernel{before(c)};
      FakeHost one{kernel, wishes_of(c, "one")};
      FakeHost two{kernel, wishes_of(c, "two")};
      ASSERT_TRUE(one.run()) << c.host;
      two.others = {one.file.read()};
      ASSERT_TRUE(two.run()) << c.host;
      FakeHost& first = first_goes_first ? one : two;
      FakeHost& last = first_goes_first ? two : one;
      first.others = {last.file.read()};
      EXPECT_TRUE(first.revert().complete()) << c.host;
      last.others = {};
      EXPECT_TRUE(last.plan().in_sync()) << c.host << " lost something" << rest_of(last.plan());
      EXPECT_TRUE(last.revert().complete()) << c.host;
      EXPECT_EQ(kernel.now, before(c)) << c.host;
    }
  }
}

}  // namespace
}  // namespace lvs::profiles
