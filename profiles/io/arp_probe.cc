#include "profiles/io/arp_probe.h"

#include <linux/filter.h>
#include <linux/if_ether.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "net/linux/packet_socket.h"
#include "net/wire/addr_text.h"
#include "net/wire/arp.h"
#include "net/wire/ethernet.h"

namespace lvs::profiles {
namespace {

/// Longer than the kernel ever takes to answer: only a host that stays silent waits for it.
constexpr std::chrono::seconds kLongest{1};

/// A station that does not exist (locally administered): the answers go to it and to nobody else.
constexpr MacAddr kAsker{{0x02, 0x4c, 0x56, 0x53, 0x00, 0x01}};

/// An ETH_P_ARP socket never sees what the host itself sends, so the tap takes every frame and this
/// keeps all but ARP away.
constexpr std::array kOnlyArp{
    sock_filter{BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
    sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, ETH_P_ARP},
    sock_filter{BPF_RET | BPF_K, 0, 0, 0xffff},
    sock_filter{BPF_RET | BPF_K, 0, 0, 0},
};

/// The address that an outgoing ARP packet of this host claims; nullopt for anything else.
std::optional<Ipv4Addr> claim_in(const linux_net::ReceivedFrame& frame, const MacAddr& own) {
  if (frame.bytes.size() < wire::kEthernetHeader) return std::nullopt;
  const wire::ConstBytes bytes{frame.bytes};
  const auto arp = wire::ConstArpView::parse(bytes.subspan(wire::kEthernetHeader));
  if (!arp || arp->sender_mac() != own) return std::nullopt;
  return arp->sender_ip();
}

Result<void> ask(LinkIndex link, Ipv4Addr wanted) {
  return linux_net::inject_as_received(link, wire::make_arp_probe(kAsker, wanted));
}

StepNote skipped(std::string why) { return {true, std::move(why)}; }

/// Watches until the control is seen; an error when a VIP is claimed before.
Result<StepNote> watch(linux_net::PacketSocket& tap, const ArpProbe& probe,
                       const linux_net::Link& link) {
  const auto deadline = std::chrono::steady_clock::now() + kLongest;
  while (true) {
    LVS_TRY(const std::optional<linux_net::ReceivedFrame> frame, tap.receive_until(deadline));
    if (!frame) {
      return skipped("the control was not answered: no reply for " + to_string(probe.control) +
                     " was seen on " + probe.link + ", so silence for the VIP proves nothing");
    }
    const std::optional<Ipv4Addr> claimed = claim_in(*frame, link.mac);
    if (!claimed) continue;
    if (*claimed == probe.control) return StepNote{};
    if (std::find(probe.vips.begin(), probe.vips.end(), *claimed) != probe.vips.end()) {
      return fail("this host answered a who-has for the VIP " + to_string(*claimed) + " on " +
                  probe.link + ": it would take the director's traffic");
    }
  }
}

}  // namespace

Result<StepNote> probe_arp(const ArpProbe& probe, const linux_net::Link& link) {
  auto tap =
      linux_net::PacketSocket::open(link.index, {.ethertype = ETH_P_ALL, .filter = kOnlyArp});
  if (!tap) return skipped("no tap on " + probe.link + ": " + tap.error().what);
  for (const Ipv4Addr& vip : probe.vips) {
    if (auto asked = ask(link.index, vip); !asked)
      return skipped("a frame could not be injected on " + probe.link + ": " + asked.error().what);
  }
  if (auto asked = ask(link.index, probe.control); !asked)
    return skipped("the control could not be injected: " + asked.error().what);
  return watch(*tap, probe, link);
}

}  // namespace lvs::profiles
