#include "profiles/io/settle.h"

#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string_view>

#include "net/linux/deadline.h"
#include "net/linux/fd.h"
#include "net/linux/rtnetlink.h"
#include "net/linux/sysctl.h"

// udev tells on a netlink group of its own when its rules for a link have run. One of them starts
// systemd-sysctl for the new link, which writes the distribution's values: only after it does a
// value of ours stay. udev may have done with the link before we listen: then its database has an
// entry for it.

namespace lvs::profiles {
namespace {

using linux_net::UniqueFd;
using std::chrono::steady_clock;

constexpr std::chrono::seconds kUdevTime{2};
constexpr unsigned kUdevGroup = 2;  // of NETLINK_KOBJECT_UEVENT: what udev has processed

UniqueFd listen_to_udev() {
  UniqueFd fd(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = kUdevGroup;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets interface
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  return fd;
}

bool is_udev_there() { return ::access("/run/udev/control", F_OK) == 0; }

bool is_in_database(LinkIndex link) {
  const std::string path = "/run/udev/data/n" + std::to_string(link.number);
  return ::access(path.c_str(), F_OK) == 0;
}

/// A message of libudev: a header, then "KEY=value" texts, each with a NUL behind it.
bool is_about(std::string_view message, LinkIndex link) {
  std::string ours = "IFINDEX=" + std::to_string(link.number);
  ours.push_back('\0');
  return message.find(ours) != std::string_view::npos;
}

/// False when time ran out.
bool wait_for_event(const UniqueFd& fd, LinkIndex link, steady_clock::time_point deadline) {
  std::array<char, 16384> message{};
  while (true) {
    pollfd readable{fd.get(), POLLIN, 0};
    const timespec left = linux_net::time_left(deadline);
    const int ready = ::ppoll(&readable, 1, &left, nullptr);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = ::recv(fd.get(), message.data(), message.size(), 0);
    if (got > 0 && is_about({message.data(), static_cast<std::size_t>(got)}, link)) return true;
  }
}

/// True when udev has done with the link or there is no udev.
bool wait_for_udev(LinkIndex link) {
  const UniqueFd events = listen_to_udev();
  if (!is_udev_there() || is_in_database(link)) return true;
  return events && wait_for_event(events, link, steady_clock::now() + kUdevTime);
}

Result<bool> holds(const SettleSysctl& step) {
  LVS_TRY(const std::string now, linux_net::read_sysctl(step.key));
  return now == step.value;
}

}  // namespace

Result<StepNote> settle_sysctl(const SettleSysctl& step) {
  LVS_TRY(linux_net::RouteSocket route, linux_net::RouteSocket::open());
  LVS_TRY(const linux_net::Link link, route.link_named(step.link));
  const bool done = wait_for_udev(link.index);
  StepNote note;
  if (!done) note.text = "udev did not say within 2 s that it had done with " + step.link;
  LVS_TRY(const bool stayed, holds(step));
  if (stayed) return note;
  LVS_CHECK(linux_net::write_sysctl(step.key, step.value));
  LVS_TRY(const bool stays, holds(step));
  if (!stays)
    return fail("set " + step.key + " to " + step.value +
                ": somebody else writes another value to it");
  note.text += std::string(note.text.empty() ? "" : "; ") + "another value had been written to " +
               step.key + ", and was set again";
  return note;
}

}  // namespace lvs::profiles
