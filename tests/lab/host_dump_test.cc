#include "tests/support/host_dump.h"

#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "tests/lab/linux_support.h"
#include "tests/lab/shell.h"

namespace lvs::test {
namespace {

std::map<std::string, std::string> sections(const std::string& dump) {
  std::map<std::string, std::string> all;
  std::istringstream lines(dump);
  std::string name;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("== "))
      name = line.substr(3);
    else
      all[name] += line + "\n";
  }
  return all;
}

/// The names of the sections that differ, with blanks between.
std::string changed_sections(const std::string& before, const std::string& after) {
  std::string names;
  auto old = sections(before);
  for (const auto& [name, text] : sections(after))
    if (old[name] != text) names += (names.empty() ? "" : " ") + name;
  return names;
}

class HostDumpOfAHost : public linux_net::OwnNamespace {
 protected:
  void SetUp() override {
    OwnNamespace::SetUp();
    if (IsSkipped()) return;
    auto other = another_namespace();
    connect("eth0", other, "eth0");
    other_.emplace(std::move(other));
  }

 private:
  std::optional<linux_net::NetNamespace> other_;
};

TEST(HostDump, ForgetsWhatChangesByItself) {
  EXPECT_EQ(normalised("== nft\n\tcounter packets 17 bytes 1020 drop # handle 4\n"),
            normalised("== nft\n\tcounter packets 0 bytes 0 drop # handle 9\n"));
  EXPECT_EQ(normalised("== addresses\n1: lo valid_lft 12sec preferred_lft 7sec\n"),
            "== addresses\n1: lo valid_lft N preferred_lft N\n");
}

TEST(HostDump, ForgetsCountersOfIptablesAndUsersOfAQdisc) {
  EXPECT_EQ(normalised("== iptables\n:INPUT DROP [3:180]\n== tc\nqdisc noqueue refcnt 2\n"),
            normalised("== iptables\n:INPUT DROP [0:0]\n== tc\nqdisc noqueue refcnt 5\n"));
}

TEST(HostDump, SortsObjectsButNotRules) {
  EXPECT_EQ(normalised("== routes\nb\na\n== nft\nd\nc\n"), "== routes\na\nb\n== nft\nd\nc\n");
}

TEST(HostDump, KeepsEveryDifferenceThatCounts) {
  const char* const different[] = {"== routes\na proto 76\n",
                                   "== routes\na proto 77\n",
                                   "== routes\na proto 76\na proto 76\n",
                                   "== addresses\na proto 76\n",
                                   "== sysctls\nk = 1\n",
                                   "== sysctls\nk = 0\n"};
  std::set<std::string> dumps;
  for (const char* dump : different) dumps.insert(normalised(dump));
  EXPECT_EQ(dumps.size(), std::size(different));
}

/// An object of each kind, made by programs that are not ours, changes its section and no other (an
/// address also has its route in table local).
TEST_F(HostDumpOfAHost, ShowsAnObjectOfEachKind) {
  struct Kind {
    const char* sections;
    const char* make;
  };
  const Kind kinds[] = {
      {"links", "ip link set eth0 alias somebody"},
      {"addresses routes", "ip address add 10.9.9.9/32 dev lo"},
      {"routes", "ip route add 10.8.0.0/16 dev eth0 table 99"},
      {"routes", "ip -6 route add 2001:db8:8::/48 dev lo"},
      {"rules", "ip rule add from 10.7.7.7 lookup 99"},
      {"neighbours", "ip neighbour add 10.6.6.6 lladdr 02:00:00:00:00:01 dev eth0 nud permanent"},
      {"neighbours", "ip neighbour add proxy 10.5.5.5 dev eth0"},
      {"neighbours", "ip -6 neighbour add proxy 2001:db8::5 dev eth0"},
      {"nft", "nft add table inet somebody"},
      {"tc", "tc qdisc add dev eth0 clsact"},
      {"tc",
       "tc filter add dev eth0 ingress prio 7 protocol ip matchall action pass || tc filter "
       "add dev eth0 ingress prio 7 protocol ip bpf da bytecode '1,6 0 0 4294967295,'"},
      {"sysctls", "echo 1 > /proc/sys/net/ipv4/conf/eth0/log_martians"},
      {"sysctls", "echo 7 > /proc/sys/net/ipv6/conf/lo/hop_limit"},
  };
  for (const Kind& kind : kinds) {
    const std::string before = dump_host();
    ASSERT_TRUE(succeeds(kind.make)) << kind.make;
    EXPECT_EQ(changed_sections(before, dump_host()), kind.sections) << kind.make;
  }
}

}  // namespace
}  // namespace lvs::test
