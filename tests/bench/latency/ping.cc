#include "tests/bench/latency/ping.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "net/linux/fd.h"
#include "net/linux/sys_error.h"
#include "tests/bench/latency/endpoint.h"
#include "tests/bench/workload/median.h"

namespace lvs::bench {
namespace {

using Clock = std::chrono::steady_clock;
using linux_net::UniqueFd;

/// The first ones of a round open the connection and wake what sleeps deeper; they do not count.
constexpr std::size_t kWarmUp = 10;
constexpr std::size_t kPayload = 32;

Result<UniqueFd> open_udp() {
  UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!fd) return linux_net::fail_errno("ping: socket");
  return fd;
}

/// Microseconds; negative: it did not come back.
double ping_once(int fd, std::uint32_t number) {
  std::array<std::uint32_t, kPayload / 4> out{number};
  std::array<std::uint32_t, kPayload / 4> back{};
  const Clock::time_point begin = Clock::now();
  if (send(fd, out.data(), kPayload, 0) < 0) return -1;
  // What was late belongs to an earlier one.
  do {
    if (recv(fd, back.data(), kPayload, 0) < 0) return -1;
  } while (back[0] != number);
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

Result<void> ping_round(const PingPlan& plan, int fd, Times& times) {
  std::vector<double> round;
  for (std::size_t i = 0; i < kWarmUp + plan.count; ++i) {
    const double took = ping_once(fd, static_cast<std::uint32_t>(times.all.size() + i));
    if (plan.gap.count() > 0) std::this_thread::sleep_for(plan.gap);
    if (took < 0) ++times.lost;
    if (took >= 0 && i >= kWarmUp) round.push_back(took);
  }
  if (round.empty()) return fail("ping: " + times.name + " did not answer");
  times.medians.push_back(median(round));
  times.all.insert(times.all.end(), round.begin(), round.end());
  return {};
}

}  // namespace

Result<std::vector<Times>> ping(const PingPlan& plan) {
  std::vector<Times> all;
  std::vector<UniqueFd> sockets;
  for (const Target& target : plan.targets) {
    const auto to = parse_endpoint(target.endpoint);
    if (!to) return fail("ping: " + target.endpoint + " is no ADDRESS:PORT");
    LVS_TRY(UniqueFd fd, open_udp());
    const timeval patience{1, 0};
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd.get(), to->get(), to->length) != 0)
      return linux_net::fail_errno("ping: connect to " + target.endpoint);
    sockets.push_back(std::move(fd));
    all.push_back({.name = target.name, .all = {}, .medians = {}});
  }
  for (std::size_t round = 0; round < plan.rounds; ++round)
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::size_t turn = (round + i) % all.size();
      LVS_CHECK(ping_round(plan, sockets[turn].get(), all[turn]));
    }
  return all;
}

Result<void> echo(const std::string& endpoint) {
  const auto at = parse_endpoint(endpoint);
  if (!at) return fail("echo: " + endpoint + " is no ADDRESS:PORT");
  LVS_TRY(const UniqueFd fd, open_udp());
  if (bind(fd.get(), at->get(), at->length) != 0)
    return linux_net::fail_errno("echo: bind to " + endpoint);
  std::array<std::uint8_t, 2048> datagram{};
  while (true) {
    sockaddr_in from{};
    socklen_t length = sizeof from;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface's own idiom
    auto* const sender = reinterpret_cast<sockaddr*>(&from);
    const ssize_t got = recvfrom(fd.get(), datagram.data(), datagram.size(), 0, sender, &length);
    if (got < 0) continue;
    sendto(fd.get(), datagram.data(), static_cast<std::size_t>(got), 0, sender, length);
  }
}

}  // namespace lvs::bench
