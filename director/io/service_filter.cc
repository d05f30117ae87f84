#include "director/io/service_filter.h"

#include <linux/if_ether.h>

#include <algorithm>
#include <string>
#include <tuple>

namespace lvs::director {
namespace {

// Offsets into an Ethernet frame that carries IPv4 (RFC 791). The kernel gives packet sockets of
// type SOCK_RAW the frame from the Ethernet header on.
constexpr std::uint32_t kEthertype = 12;
constexpr std::uint32_t kIpVersion = 14;
constexpr std::uint32_t kIpFragment = 20;
constexpr std::uint32_t kIpProtocol = 23;
constexpr std::uint32_t kIpDestination = 30;
constexpr std::uint32_t kPortAfterIp = 16;  // plus the IP header's length: Ethernet 14, port at 2
constexpr std::uint32_t kMoreFragmentsOrOffset = 0x3fff;
constexpr std::uint32_t kWholeFrame = 0xffffffff;

using Code = std::vector<sock_filter>;

sock_filter statement(unsigned code, std::uint32_t value) {
  return {static_cast<std::uint16_t>(code), 0, 0, value};
}

/// Goes on when the comparison holds, else skips `skip` instructions.
sock_filter unless_skip(unsigned comparison, std::uint32_t value, std::uint8_t skip) {
  return {static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), 0, skip, value};
}

void append(Code& code, const Code& more) { code.insert(code.end(), more.begin(), more.end()); }

/// With the destination port in A: accepts when it is in first..last, else goes on.
void accept_ports(Code& code, std::uint16_t first, std::uint16_t last) {
  code.push_back(unless_skip(BPF_JGE, first, 2));
  code.push_back({BPF_JMP | BPF_JGT | BPF_K, 1, 0, last});
  code.push_back(statement(BPF_RET | BPF_K, kWholeFrame));
}

/// With X the IP header's length: accepts when protocol and port are one of `services`, which are
/// sorted and of one VIP and protocol; else goes on.
Code protocol_block(std::span<const ServiceKey> services) {
  Code ports{statement(BPF_LD | BPF_H | BPF_IND, kPortAfterIp)};
  for (std::size_t i = 0; i < services.size();) {
    const std::uint16_t first = services[i].port.number;
    std::uint16_t last = first;
    for (++i; i < services.size() && services[i].port.number == last + 1; ++i) ++last;
    accept_ports(ports, first, last);
  }
  const auto protocol = static_cast<std::uint32_t>(services.front().protocol);
  Code code{statement(BPF_LD | BPF_B | BPF_ABS, kIpProtocol)};
  // A conditional jump reaches 255 instructions, BPF_JA any number.
  code.push_back({BPF_JMP | BPF_JEQ | BPF_K, 1, 0, protocol});
  code.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(ports.size())));
  append(code, ports);
  return code;
}

/// Everything for one VIP; ends the program either way once the destination is that VIP.
Code vip_block(std::span<const ServiceKey> services) {
  Code body{statement(BPF_LD | BPF_H | BPF_ABS, kIpFragment),
            unless_skip(BPF_JSET, kMoreFragmentsOrOffset, 1),
            statement(BPF_RET | BPF_K, kWholeFrame),
            statement(BPF_LDX | BPF_B | BPF_MSH, kIpVersion)};
  while (!services.empty()) {
    const auto end = std::ranges::find_if(
        services, [&](const ServiceKey& key) { return key.protocol != services.front().protocol; });
    const auto count = static_cast<std::size_t>(end - services.begin());
    append(body, protocol_block(services.first(count)));
    services = services.subspan(count);
  }
  body.push_back(statement(BPF_RET | BPF_K, 0));
  return body;
}

Code prologue() {
  return {statement(BPF_LD | BPF_W | BPF_ABS,
                    static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)),
          unless_skip(BPF_JEQ, 0, 2),
          statement(BPF_LD | BPF_H | BPF_ABS, kEthertype),
          {BPF_JMP | BPF_JEQ | BPF_K, 1, 0, ETH_P_IP},
          statement(BPF_RET | BPF_K, 0),
          statement(BPF_LD | BPF_W | BPF_ABS, kIpDestination)};
}

}  // namespace

Result<std::vector<sock_filter>> service_filter(std::span<const ServiceKey> services) {
  std::vector<ServiceKey> sorted(services.begin(), services.end());
  const auto by_vip = [](const ServiceKey& a, const ServiceKey& b) {
    return std::tie(a.vip, a.protocol, a.port) < std::tie(b.vip, b.protocol, b.port);
  };
  std::ranges::sort(sorted, by_vip);

  Code code = prologue();
  std::span<const ServiceKey> rest(sorted);
  while (!rest.empty()) {
    const IpAddr vip = rest.front().vip;
    const auto end =
        std::ranges::find_if(rest, [&](const ServiceKey& key) { return key.vip != vip; });
    const auto count = static_cast<std::size_t>(end - rest.begin());
    const Code block = vip_block(rest.first(count));
    code.push_back({BPF_JMP | BPF_JEQ | BPF_K, 1, 0, vip.v4().number()});
    code.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(block.size())));
    append(code, block);
    rest = rest.subspan(count);
  }
  code.push_back(statement(BPF_RET | BPF_K, 0));
  if (code.size() > BPF_MAXINSNS)
    return fail("the services need " + std::to_string(code.size()) +
                " instructions of a socket filter, the kernel takes " +
                std::to_string(BPF_MAXINSNS) + ": use neighbouring ports or fewer services");
  return code;
}

}  // namespace lvs::director
