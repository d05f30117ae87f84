#include "verify/lab/greeter.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "net/linux/fd.h"
#include "net/linux/socket_address.h"

namespace lvs::verify {
namespace {

constexpr int kWaiting = 128;  // connections that are not taken yet

Result<linux_net::UniqueFd> open_port(Port port) {
  linux_net::UniqueFd fd{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  const auto any = linux_net::socket_address(Ipv4Addr{}, port);
  if (!fd || setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(fd.get(), any.get(), any.length) != 0 || listen(fd.get(), kWaiting) != 0) {
    const int number = errno;
    return fail("listen on TCP port " + std::to_string(port.number) + ": " +
                    std::generic_category().message(number),
                number);
  }
  return fd;
}

void greet_one(int listener, const std::string& line) {
  const linux_net::UniqueFd client{accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)};
  if (client) send(client.get(), line.data(), line.size(), MSG_NOSIGNAL);
}

}  // namespace

Result<void> run_greeter(const std::string& name, const std::vector<Port>& ports) {
  const std::string line = "220 " + name + " of the lab\r\n";
  std::vector<linux_net::UniqueFd> sockets;
  std::vector<pollfd> waiting;
  for (const Port port : ports) {
    LVS_TRY(linux_net::UniqueFd fd, open_port(port));
    waiting.push_back({.fd = fd.get(), .events = POLLIN, .revents = 0});
    sockets.push_back(std::move(fd));
  }
  while (true) {
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR)
      return fail("poll: " + std::generic_category().message(errno), errno);
    for (const pollfd& each : waiting)
      if ((each.revents & POLLIN) != 0) greet_one(each.fd, line);
  }
}

}  // namespace lvs::verify
