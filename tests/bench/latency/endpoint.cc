#include "tests/bench/latency/endpoint.h"

#include <charconv>
#include <system_error>

#include "net/wire/addr_text.h"

namespace lvs::bench {

std::optional<linux_net::SocketAddress> parse_endpoint(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const std::optional<IpAddr> address = parse_ip(text.substr(0, colon));
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port);
  if (!address || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return linux_net::socket_address(*address, Port{port});
}

}  // namespace lvs::bench
