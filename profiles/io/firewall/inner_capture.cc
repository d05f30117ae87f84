#include "profiles/io/firewall/inner_capture.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "net/wire/bytes.h"
#include "profiles/core/objects/filter.h"

namespace lvs::profiles {
namespace {

/// Bytes of the packet that must have this value.
struct Check {
  std::uint16_t size = BPF_B;
  std::size_t at = 0;  ///< counted from the IP header, whatever header the link has before it
  std::uint32_t value = 0;
};

std::vector<Check> checks_for(const IpAddr& vip, Port port) {
  const bool is_v4 = vip.is_v4();
  std::vector<Check> checks{{BPF_B, is_v4 ? 9U : 6U, IPPROTO_UDP},
                            {BPF_H, is_v4 ? 22U : 42U, port.number}};
  const std::vector<std::uint8_t> bytes = range_of(Prefix{vip, vip.bits()}).first;
  const std::size_t destination = is_v4 ? 16 : 24;
  for (std::size_t at = 0; at < bytes.size(); at += 4)
    checks.push_back({BPF_W, destination + at, wire::load_be32(bytes, at)});
  return checks;
}

/// Accepts a packet that passes every check.
std::vector<sock_filter> program_of(const std::vector<Check>& checks) {
  std::vector<sock_filter> program;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const Check& check = checks[i];
    const auto code = static_cast<std::uint16_t>(BPF_LD | check.size | BPF_ABS);
    const auto from =
        static_cast<std::uint32_t>(SKF_NET_OFF) + static_cast<std::uint32_t>(check.at);
    program.push_back({code, 0, 0, from});
    // Over the checks that are left, two instructions each, and the acceptance.
    const auto refuse = static_cast<std::uint8_t>(2 * (checks.size() - 1 - i) + 1);
    program.push_back({BPF_JMP | BPF_JEQ | BPF_K, 0, refuse, check.value});
  }
  program.push_back({BPF_RET | BPF_K, 0, 0, ~std::uint32_t{0}});
  program.push_back({BPF_RET | BPF_K, 0, 0, 0});
  return program;
}

}  // namespace

Result<InnerCapture> InnerCapture::start(const IpAddr& vip, Port port) {
  const std::vector<sock_filter> program = program_of(checks_for(vip, port));
  // Bound to one protocol, a packet socket gets what comes in, and after the links' ingress.
  const std::uint16_t ethertype = vip.is_v4() ? ETH_P_IP : ETH_P_IPV6;
  LVS_TRY(linux_net::PacketSocket socket,
          linux_net::PacketSocket::open(LinkIndex{}, {.ethertype = ethertype, .filter = program}));
  return InnerCapture(std::move(socket));
}

bool InnerCapture::saw(const std::vector<std::uint8_t>& nonce) {
  while (true) {
    const auto frame = socket_.receive_until(std::chrono::steady_clock::now());
    if (!frame || !*frame) return false;
    const auto& bytes = (*frame)->bytes;
    if (std::search(bytes.begin(), bytes.end(), nonce.begin(), nonce.end()) != bytes.end())
      return true;
  }
}

}  // namespace lvs::profiles
