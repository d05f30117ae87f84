#include "tests/lab/flows/lab.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>

#include "tests/lab/flows/eventually.h"

namespace lvs::test {
namespace {

namespace fs = std::filesystem;

struct Wire {
  const char* host;
  const char* nic;
  const char* mac;  ///< last byte
  const char* lan;  ///< the bridge
  const char* ipv4;
  const char* ipv6;
};
constexpr std::array kWires{
    Wire{"client", "eth0", "01", "outside", "192.0.2.10/24", "2001:db8:c::10/64"},
    Wire{"router", "cli0", "02", "outside", "192.0.2.1/24", "2001:db8:c::1/64"},
    Wire{"router", "lan0", "03", "lan", "10.0.0.254/24", "2001:db8::254/64"},
    Wire{"router", "rem0", "04", "remote", "10.2.0.254/24", "2001:db8:2::254/64"},
    Wire{"dir", "eth0", "05", "lan", "10.0.0.1/24", "2001:db8::1/64"},
    Wire{"dir", "eth1", "06", "private", "10.1.0.1/24", "2001:db8:1::1/64"},
    Wire{"rs1", "eth0", "65", "lan", "10.0.0.11/24", "2001:db8::11/64"},
    Wire{"rs2", "eth0", "66", "lan", "10.0.0.12/24", "2001:db8::12/64"},
    Wire{"rs3", "eth0", "67", "remote", "10.2.0.13/24", "2001:db8:2::13/64"},
    Wire{"rs4", "eth0", "68", "remote", "10.2.0.14/24", "2001:db8:2::14/64"},
    Wire{"rs5", "eth0", "69", "private", "10.1.0.15/24", "2001:db8:1::15/64"},
    Wire{"rs6", "eth0", "6a", "private", "10.1.0.16/24", "2001:db8:1::16/64"},
};

struct Gateway {
  const char* host;
  const char* ipv4;
  const char* ipv6;
};
/// nat's servers get theirs from their own program.
constexpr std::array kGateways{Gateway{"client", "192.0.2.1", "2001:db8:c::1"},
                               Gateway{"dir", "10.0.0.254", "2001:db8::254"},
                               Gateway{"rs1", "10.0.0.254", "2001:db8::254"},
                               Gateway{"rs2", "10.0.0.254", "2001:db8::254"},
                               Gateway{"rs3", "10.2.0.254", "2001:db8:2::254"},
                               Gateway{"rs4", "10.2.0.254", "2001:db8:2::254"}};

// Without duplicate address detection addresses are usable at once.
constexpr const char* kHostsSysctls =
    "for i in all default; do"
    "  echo 0 > /proc/sys/net/ipv6/conf/$i/accept_dad;"
    "  echo 0 > /proc/sys/net/ipv6/conf/$i/accept_ra;"
    "  echo 0 > /proc/sys/net/ipv4/conf/$i/rp_filter; done\n"
    "ip link set lo up\n";

std::string port_of(const Wire& wire) { return std::string(wire.host) + "-" + wire.nic; }

fs::path program(const char* name) {
  return fs::read_symlink("/proc/self/exe").parent_path() / name;
}

std::string profile_hosts() {
  std::string text;
  const auto nic = [](const Wire& wire) {
    return std::string("{ name = \"") + wire.nic + "\", address = [\"" + wire.ipv4 + "\", \"" +
           wire.ipv6 + "\"]" +
           (std::string(wire.host) == "dir" && wire.nic[3] == '0' ? ", outside = true }" : " }");
  };
  for (std::size_t i = 0; i < kWires.size(); ++i) {
    const std::string host = kWires[i].host;
    if (host == "client" || host == "router" || (i > 0 && host == kWires[i - 1].host)) continue;
    text += "\n[host." + host + "]\nrole = \"" + (host == "dir" ? "director" : "realserver") +
            "\"\nnics = [" + nic(kWires[i]) +
            (host == "dir" ? ", " + nic(kWires[i + 1]) : std::string{}) + "]\n";
    for (const Gateway& gateway : kGateways)
      if (host == gateway.host)
        text += std::string("gateway = [\"") + gateway.ipv4 + "\", \"" + gateway.ipv6 + "\"]\n";
  }
  return text;
}

/// This process and all that it starts stay on one processor. Where a host sends from two, a veth
/// may hand over segments of one flow the wrong way round, and order is what is judged.
void stay_on_one_processor() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
  EXPECT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
}

}  // namespace

std::unique_ptr<FlowsLab> FlowsLab::make() {
  stay_on_one_processor();
  auto fabric = Netns::make();
  if (!fabric) return nullptr;
  std::unique_ptr<FlowsLab> lab(new FlowsLab(*std::move(fabric)));
  std::string pattern = fs::temp_directory_path() / "lvskit-flows-XXXXXX";
  lab->folder_ = mkdtemp(pattern.data());
  if (!lab->make_hosts()) return nullptr;
  lab->make_wires();
  lab->listen();
  return lab;
}

FlowsLab::~FlowsLab() {
  director_.reset();
  fs::remove_all(folder_);
}

bool FlowsLab::make_hosts() {
  for (const Wire& wire : kWires) {
    if (hosts_.contains(wire.host)) continue;
    auto made = Netns::make();
    if (!made) return false;
    hosts_.emplace(wire.host, *std::move(made));
    sh(wire.host, kHostsSysctls);
  }
  sh("router",
     "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding\n"
     "for i in all default; do echo 0 > /proc/sys/net/ipv4/conf/$i/send_redirects; done\n");
  hosts_.emplace("fabric", std::move(fabric_));
  return true;
}

void FlowsLab::make_wires() {
  std::string bridges;
  for (const char* const lan : {"outside", "lan", "remote", "private"})
    bridges += std::string("ip link add ") + lan + " type bridge mcast_snooping 0\nip link set " +
               lan + " up\n";
  sh("fabric", bridges);
  for (const Wire& wire : kWires) {
    const std::string nic = wire.nic;
    sh("fabric", "ip link add " + port_of(wire) + " type veth peer name " + nic + " netns " +
                     host(wire.host).path() + "\nip link set " + port_of(wire) + " master " +
                     wire.lan + " up\n");
    sh(wire.host, "ip link set " + nic + " address 02:00:00:00:00:" + wire.mac + "\nethtool -K " +
                      nic +
                      " tx off rx off tso off gso off gro off sg off >/dev/null\nip link set " +
                      nic + " up\nip addr add " + wire.ipv4 + " dev " + nic + "\nip addr add " +
                      wire.ipv6 + " dev " + nic + " nodad\n");
  }
  for (const Gateway& gateway : kGateways)
    sh(gateway.host, std::string("ip route add default via ") + gateway.ipv4 +
                         "\nip -6 route add default via " + gateway.ipv6 + "\n");
}

void FlowsLab::listen() {
  for (const Wire& wire : kWires) {
    const std::string nic = port_of(wire);
    auto sniffer = host("fabric").run([&] { return verify::Sniffer::start({nic, ""}); });
    ASSERT_TRUE(sniffer) << sniffer.error().what;
    captures_.emplace(std::string(wire.host) + ":" + wire.nic, *std::move(sniffer));
  }
}

void FlowsLab::sh(const std::string& name, const std::string& script) const {
  const auto done =
      linux_net::run_program({.path = "sh", .args = {"-ec", script}, .netns_fd = host(name).fd()},
                             std::chrono::seconds(20));
  ASSERT_TRUE(done) << name << ": " << script << done.error().what;
  ASSERT_EQ(done->exit_code, 0) << name << ": " << script << done->out << done->err;
}

void FlowsLab::write_profile(const std::string& services) {
  std::ofstream(folder_ / "profile.toml") << "name = \"flows\"\n" << services << profile_hosts();
}

void FlowsLab::set_up(const std::vector<std::string>& names) const {
  for (const std::string& name : names)
    sh(name, program("lvs-realserver").string() + " apply " + (folder_ / "profile.toml").string() +
                 " --host " + name + " --state-dir " + (folder_ / "state").string());
}

void FlowsLab::run_director() {
  auto child = linux_net::ChildProcess::start(
      {.path = program("lvs-director"),
       .args = {"run", folder_ / "profile.toml", "--host", "dir", "--state-dir", folder_ / "state"},
       .netns_fd = host("dir").fd()},
      {.log_path = folder_ / "director.log"});
  ASSERT_TRUE(child) << child.error().what;
  director_ = *std::move(child);
  const bool ready = eventually(
      [&] { return !director_->running() || director_log().find("ready") != std::string::npos; });
  ASSERT_TRUE(ready && director_->running()) << director_log();
}

std::string FlowsLab::director_log() const {
  std::ifstream in(folder_ / "director.log");
  return {std::istreambuf_iterator<char>(in), {}};
}

Json FlowsLab::list() const {
  const auto done = linux_net::run_program(
      {.path = program("lvs-director"),
       .args = {"list", "--connections", "--json", "--state-dir", folder_ / "state"},
       .netns_fd = host("dir").fd()},
      std::chrono::seconds(20));
  EXPECT_TRUE(done && done->exit_code == 0) << (done ? done->err : done.error().what);
  auto listed = parse_json(done ? done->out : "");
  return listed ? *std::move(listed) : Json{};
}

void FlowsLab::fetch() {
  for (auto& [place, sniffer] : captures_) ASSERT_TRUE(sniffer.fetch()) << place;
}

std::vector<Packet> FlowsLab::captured(const std::string& place) {
  verify::Sniffer& sniffer = captures_.at(place);
  EXPECT_TRUE(sniffer.fetch());
  std::vector<Packet> packets;
  for (const verify::Frame& frame : sniffer.frames()) packets.push_back(read_frame(frame));
  return packets;
}

std::vector<std::string> FlowsLab::places() const {
  std::vector<std::string> all;
  for (const auto& [place, sniffer] : captures_) all.push_back(place);
  return all;
}

void FlowsLab::expect_nothing_lost() const {
  for (const auto& [place, sniffer] : captures_) {
    const auto lost = sniffer.lost();
    ASSERT_TRUE(lost) << lost.error().what;
    EXPECT_EQ(*lost, 0u) << place;
  }
}

}  // namespace lvs::test
