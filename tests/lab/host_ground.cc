#include "tests/lab/host_ground.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "net/wire/addr_text.h"
#include "profiles/core/desired.h"
#include "profiles/io/profile_file.h"
#include "tests/lab/shell.h"
#include "tests/support/host_dump.h"

namespace lvs::test {
namespace {

namespace fs = std::filesystem;

/// Sets a NIC and its other end up. IPv6 without duplicate address detection, which would settle
/// while we compare.
std::string lines_for(const profiles::Nic& nic) {
  std::string lines = "echo 0 > /proc/sys/net/ipv6/conf/" + nic.name +
                      "/accept_dad\n"
                      "echo 1 > /proc/sys/net/ipv6/conf/" +
                      nic.name +
                      "/addr_gen_mode\n"
                      "ip link set " +
                      nic.name + " up\n";
  for (const Prefix& address : nic.addresses) {
    const std::string dad = address.addr.is_v4() ? "" : " nodad";
    lines += "ip addr add " + to_string(address) + " dev " + nic.name + dad + "\n";
  }
  return lines;
}

profiles::Role role_of(const profiles::Host& host) {
  const bool director = host.has(profiles::Role::Director);
  return director ? profiles::Role::Director : profiles::Role::RealServer;
}

/// False for a client that nothing is asked of.
bool has_part(const profiles::Profile& profile, const profiles::Host& host) {
  return !profiles::desire(profile, host, role_of(host), {}).wishes.empty();
}

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace

std::unique_ptr<HostGround> HostGround::make(const fs::path& profile, const std::string& host) {
  return make_from(text_of(profile), host);
}

std::unique_ptr<HostGround> HostGround::make_from(const std::string& text,
                                                  const std::string& host) {
  auto netns = Netns::make();
  auto wire = Netns::make();
  // In memory where there is such a folder: these tests write journals by the hundred.
  const fs::path memory = "/dev/shm";
  const bool fits = ::access(memory.c_str(), W_OK) == 0;
  std::string pattern = ((fits ? memory : fs::temp_directory_path()) / "lvskit-XXXXXX").string();
  if (!netns || !wire || ::mkdtemp(pattern.data()) == nullptr) return nullptr;
  std::unique_ptr<HostGround> made(new HostGround(std::move(*netns), std::move(*wire)));
  HostGround& ground = *made;
  ground.folder_ = pattern;
  const fs::path file = ground.folder_ / "profile.toml";
  std::ofstream(file) << text;
  ground.options_.profile = file;
  ground.options_.state_dir = ground.folder_ / "state";
  ground.options_.host = host;
  const auto profile = profiles::read_profile_file(file);
  const profiles::Host* self = profile ? profile->host(host) : nullptr;
  if (self == nullptr) std::abort();  // the caller knows what he asks for
  ground.options_.role = role_of(*self);
  const bool director = ground.options_.role == profiles::Role::Director;
  ground.options_.program = director ? "lvs-director" : "lvs-realserver";

  std::string lines = "ip link set lo up\n";
  std::string wire_lines;
  int number = 0;
  for (const profiles::Nic& nic : self->nics) {
    const std::string peer = "wire" + std::to_string(number++);
    lines += "ip link add " + nic.name + " type veth peer name " + peer + " netns " +
             ground.wire_.path() + "\n" + lines_for(nic);
    wire_lines += "ip link set " + peer + " up\n";
  }
  if (!ground.shell(lines) || !ground.shell_on_wire(wire_lines)) std::abort();
  return made;
}

HostGround::~HostGround() {
  if (!folder_.empty()) fs::remove_all(folder_);
}

bool HostGround::shell(const std::string& line) const { return succeeds_in(netns_.fd(), line); }
bool HostGround::shell_on_wire(const std::string& line) const {
  return succeeds_in(wire_.fd(), line);
}

std::string HostGround::dump() const {
  return netns_.run([] { return dump_host(); });
}

HostGround::Ran HostGround::run(Command command) const {
  return netns_.run([&] {
    std::ostringstream out;
    std::ostringstream err;
    const ExitStatus status = command(options_, out, err);
    return Ran{status, out.str(), err.str()};
  });
}

std::vector<ShippedHost> shipped_hosts() {
  std::vector<fs::path> files;
  for (const auto& item : fs::directory_iterator(fs::path(LVS_SOURCE_DIR) / "profiles"))
    if (item.path().extension() == ".toml") files.push_back(item.path());
  std::sort(files.begin(), files.end());
  std::vector<ShippedHost> hosts;
  for (const fs::path& file : files) {
    const auto profile = profiles::read_profile_file(file);
    if (!profile) continue;  // told by the tests of the profiles
    std::set<std::vector<profiles::Role>> seen;
    for (const profiles::Host& host : profile->hosts) {
      if (has_part(*profile, host) && seen.insert(host.roles).second)
        hosts.push_back({file.stem(), host.name});
    }
  }
  return hosts;
}

std::string name_of(const ShippedHost& host) {
  std::string name = host.profile + "_" + host.host;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace lvs::test
