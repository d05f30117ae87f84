#include "tests/lab/role_lab.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "net/linux/rtnetlink.h"
#include "net/wire/addr_text.h"
#include "profiles/io/profile_file.h"
#include "tests/support/host_dump.h"

namespace lvs::test {
namespace fs = std::filesystem;

void RoleLab::TearDown() {
  cluster_.reset();
  if (!folder_.empty()) fs::remove_all(folder_);
}

void RoleLab::up(const std::string& profile) {
  if (geteuid() != 0) GTEST_SKIP() << "needs the right to enter the lab's namespaces (root)";
  std::string pattern = fs::temp_directory_path() / "lvskit-roles-XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  folder_ = pattern;
  const fs::path path = folder_ / "profile.toml";
  std::ofstream(path) << profile;
  const auto read = profiles::read_profile_file(path);
  ASSERT_TRUE(read) << read.error().message;
  parts_ = verify::host_parts(*read);
  cluster_ = Cluster::up(path);
  ASSERT_NE(cluster_, nullptr);
}

std::string RoleLab::our_command(const std::string& command, const std::string& host, int status) {
  const auto part = std::find_if(parts_.begin(), parts_.end(),
                                 [&](const auto& each) { return each.host == host; });
  if (part == parts_.end()) {
    ADD_FAILURE() << host << " has no part";
    return {};
  }
  const linux_net::Finished done =
      cluster_->on(host, {part->program, command, cluster_->profile(), "--host", host});
  EXPECT_EQ(done.exit_code, status) << part->program << " " << command << " on " << host << ":\n"
                                    << done.out << done.err;
  return done.out + done.err;
}

void RoleLab::apply_all() {
  for (const verify::HostPart& part : parts_) {
    our_command("plan", part.host, 2);
    our_command("apply", part.host);
    our_command("check", part.host);
  }
}

void RoleLab::revert_all() {
  const std::vector<verify::HostPart> last_first(parts_.rbegin(), parts_.rend());
  for (const verify::HostPart& part : last_first) our_command("revert", part.host);
}

std::string RoleLab::sh(const std::string& host, const std::string& line) {
  return cluster_->ok_on(host, {"sh", "-c", line});
}

int RoleLab::try_sh(const std::string& host, const std::string& line) {
  return cluster_->on(host, {"sh", "-c", line}).exit_code;
}

std::string RoleLab::dump(const std::string& host) { return in(host, dump_host); }

MacAddr RoleLab::mac(const std::string& host, const std::string& nic) {
  std::string text = sh(host, "ip -br link show " + nic);
  const std::size_t colon = text.find(':');
  const auto mac =
      colon == std::string::npos ? std::nullopt : parse_mac(text.substr(colon - 2, 17));
  EXPECT_TRUE(mac) << text;
  return mac.value_or(MacAddr{});
}

void RoleLab::enter(int netns_fd) {
  if (setns(netns_fd, CLONE_NEWNET) != 0) std::abort();  // the lab is ours: it cannot fail
}

Station::Station(const std::string& nic) {
  auto routes = linux_net::RouteSocket::open();
  const auto link = routes->link_named(nic);
  EXPECT_TRUE(link) << nic;
  if (!link) return;
  mac_ = link->mac;
  auto socket = linux_net::PacketSocket::open(link->index, {.ignore_outgoing = true});
  EXPECT_TRUE(socket) << socket.error().what;
  if (socket) socket_.emplace(*std::move(socket));
}

void Station::send(std::span<const std::uint8_t> frame) {
  const auto sent = socket_->send(frame);
  EXPECT_TRUE(sent) << sent.error().what;
}

std::optional<std::vector<std::uint8_t>> Station::next() {
  auto frame = socket_->receive_until(before_long());
  EXPECT_TRUE(frame && *frame) << "what must come did not come";
  if (!frame || !*frame) return std::nullopt;
  return std::move((*frame)->bytes);
}

}  // namespace lvs::test
