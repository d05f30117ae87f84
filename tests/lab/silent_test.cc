#include <gtest/gtest.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "net/linux/netlink.h"
#include "net/linux/process.h"
#include "tests/lab/host_ground.h"

// A second apply changes nothing, seen from outside: by strace, which sees what it asks of the
// kernel, and by listeners in the namespace, which hear what anybody changes.

namespace lvs::host {
namespace {

namespace fs = std::filesystem;
using linux_net::Finished;
using linux_net::NetlinkSocket;
using test::HostGround;
using test::ShippedHost;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Neighbours that the kernel learns and forgets come and go by themselves.
bool is_made_by_somebody(const nlmsghdr& message) {
  if (message.nlmsg_type != RTM_NEWNEIGH && message.nlmsg_type != RTM_DELNEIGH) return true;
  const auto* neighbour = static_cast<const ndmsg*>(mnl_nlmsg_get_payload(&message));
  return (neighbour->ndm_state & NUD_PERMANENT) != 0 || (neighbour->ndm_flags & NTF_PROXY) != 0;
}

/// One group of notifications, and the section of a dump that shows what it tells of.
struct Topic {
  std::string section;
  int bus = NETLINK_ROUTE;
  std::vector<unsigned> groups;
};

std::vector<Topic> topics() {
  return {{"links", NETLINK_ROUTE, {RTNLGRP_LINK}},
          {"addresses", NETLINK_ROUTE, {RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR}},
          {"routes", NETLINK_ROUTE, {RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE}},
          {"neighbours", NETLINK_ROUTE, {RTNLGRP_NEIGH}},
          {"netconf", NETLINK_ROUTE, {RTNLGRP_IPV4_NETCONF, RTNLGRP_IPV6_NETCONF}},
          {"tc", NETLINK_ROUTE, {RTNLGRP_TC}},
          {"nft", NETLINK_NETFILTER, {NFNLGRP_NFTABLES}}};
}

struct Listener {
  Topic topic;
  NetlinkSocket socket;
  /// How much was told since the last time.
  int heard() {
    int count = 0;
    const auto all = socket.pending(
        [&](const nlmsghdr& message) { count += is_made_by_somebody(message) ? 1 : 0; });
    EXPECT_TRUE(all && *all) << topic.section;
    return count;
  }
};

using DumpLine = std::pair<std::string, std::string>;  ///< section, line

bool is_told_by_netconf(const std::string& line) {
  const auto settings = {"/forwarding = ", "/rp_filter = ", "/proxy_arp = ", "/proxy_ndp = "};
  return std::any_of(settings.begin(), settings.end(),
                     [&](const char* setting) { return has(line, setting); });
}

std::set<DumpLine> lines_of(const std::string& dump) {
  std::set<DumpLine> lines;
  std::istringstream stream(dump);
  std::string section;
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind("== ", 0) == 0) section = line.substr(3);
    // The kernel tells nobody of these.
    if (section == "neighbours" && has(line, " proxy")) continue;
    lines.emplace(is_told_by_netconf(line) ? "netconf" : section, line);
  }
  return lines;
}

/// The sections of a dump in which two dumps differ; "netconf" for the settings that it tells of.
std::set<std::string> differing_sections(const std::string& before, const std::string& after) {
  const std::set<DumpLine> old_lines = lines_of(before);
  std::set<std::string> sections;
  for (const DumpLine& line : lines_of(after))
    if (!old_lines.contains(line)) sections.insert(line.first);
  return sections;
}

bool opens_to_write(const std::string& line) {
  return has(line, "openat(") &&
         (has(line, "O_WRONLY") || has(line, "O_RDWR") || has(line, "O_CREAT"));
}

/// Abilities are looked for by programs of two instructions, which change nothing.
bool bpf_is_harmless(const std::string& line) {
  const bool reads = has(line, "_GET") || has(line, "_INFO") || has(line, "_LOOKUP_");
  return reads || (has(line, "BPF_PROG_LOAD") && has(line, "insn_cnt=2,"));
}

/// Abilities are looked for by a batch for nf_tables that is never ended, which changes nothing.
bool message_is_harmless(const std::string& line) {
  if (!has(line, "nlmsg_type=")) return !has(line, "AF_NETLINK");
  if (has(line, "NFNL_MSG_BATCH_BEGIN")) return !has(line, "NFNL_MSG_BATCH_END");
  const bool asks = has(line, "MSG_GET") || has(line, "nlmsg_type=RTM_GET");
  return asks && !has(line, "_NEW") && !has(line, "_DEL") && !has(line, "RTM_SET");
}

/// True when a line of strace asks for no change.
bool is_harmless(const std::string& line) {
  if (has(line, "bpf(")) return bpf_is_harmless(line);
  if (has(line, "sendto(") || has(line, "sendmsg(")) return message_is_harmless(line);
  if (has(line, "openat("))
    return !opens_to_write(line) || has(line, "/lock\"") || has(line, "\"/dev/null\"");
  if (has(line, "ioctl(")) return !has(line, "SIOCS");
  // Writes with the path of their descriptor: to the terminal or a pipe, and who has the lock.
  return has(line, "(1<") || has(line, "(2<") || has(line, "/lock>") || has(line, "EEXIST") ||
         has(line, "+++") || has(line, "---");
}

class Silent : public testing::TestWithParam<ShippedHost> {
 protected:
  void SetUp() override {
    ground = HostGround::make(
        fs::path(LVS_SOURCE_DIR) / "profiles" / (GetParam().profile + ".toml"), GetParam().host);
    if (!ground) GTEST_SKIP() << "needs the right to make network namespaces";
    for (Topic& topic : topics()) {
      auto socket =
          ground->netns().run([&] { return NetlinkSocket::open(topic.bus, topic.groups); });
      ASSERT_TRUE(socket) << socket.error().what;
      listeners.push_back({std::move(topic), std::move(*socket)});
    }
  }

  Finished traced_apply() const {
    const auto binary = fs::canonical("/proc/self/exe").parent_path() / ground->options().program;
    linux_net::Program program;
    program.path = "strace";
    const std::string traced =
        "trace=openat,creat,write,writev,pwrite64,sendto,sendmsg,bpf,ioctl,rename,"
        "renameat2,unlink,unlinkat,mkdir,mkdirat,ftruncate,truncate,fallocate";
    program.args = {"-f",
                    "-y",
                    "-o",
                    trace(),
                    "-e",
                    traced,
                    binary,
                    "apply",
                    ground->options().profile,
                    "--host",
                    GetParam().host,
                    "--state-dir",
                    *ground->options().state_dir};
    program.netns_fd = ground->netns().fd();
    auto finished = linux_net::run_program(program, std::chrono::seconds(60));
    return finished ? *finished : Finished{255, "", finished.error().what};
  }
  std::string trace() const { return (ground->folder() / "trace").string(); }
  std::vector<std::string> harmful() const {
    std::vector<std::string> lines;
    std::istringstream stream(text_of(trace()));
    for (std::string line; std::getline(stream, line);)
      if (!is_harmless(line)) lines.push_back(line);
    return lines;
  }
  std::string journal() const {
    for (const auto& item : fs::recursive_directory_iterator(*ground->options().state_dir))
      if (item.path().extension() == ".journal") return text_of(item.path());
    return {};
  }

  std::unique_ptr<HostGround> ground;
  std::vector<Listener> listeners;
};

INSTANTIATE_TEST_SUITE_P(Shipped, Silent, testing::ValuesIn(test::shipped_hosts()),
                         [](const auto& instance) { return test::name_of(instance.param); });

TEST_P(Silent, ASecondApplyWritesNothing) {
  const std::string before = ground->dump();
  for (Listener& listener : listeners) listener.heard();
  const Finished first = traced_apply();
  if (has(first.err, "No such file")) GTEST_SKIP() << "needs strace: " << first.err;
  if (first.exit_code == static_cast<int>(ExitStatus::Unsupported))
    GTEST_SKIP() << "this kernel cannot be such a host: " << first.err;
  ASSERT_EQ(first.exit_code, 0) << first.out << first.err;
  const std::vector<std::string> harm = harmful();
  EXPECT_TRUE(std::any_of(harm.begin(), harm.end(), [](const std::string& line) {
    return opens_to_write(line) && has(line, ".journal\"");
  })) << "control: strace shows what apply does";
  const std::string applied = ground->dump();
  const auto concerned = differing_sections(before, applied);
  EXPECT_FALSE(concerned.empty()) << "control: the dump shows what apply does";
  for (Listener& listener : listeners) {
    const int heard = listener.heard();
    if (concerned.contains(listener.topic.section)) {
      EXPECT_GE(heard, 1) << "control: " << listener.topic.section;
    }
  }
  const std::string recorded = journal();

  const Finished second = traced_apply();
  ASSERT_EQ(second.exit_code, 0) << second.out << second.err;
  EXPECT_TRUE(has(second.out, "nothing was written")) << second.out;
  EXPECT_EQ(harmful(), std::vector<std::string>{});
  for (Listener& listener : listeners) EXPECT_EQ(listener.heard(), 0) << listener.topic.section;
  EXPECT_EQ(journal(), recorded);
  EXPECT_EQ(ground->dump(), applied);
}

}  // namespace
}  // namespace lvs::host
