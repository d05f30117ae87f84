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

using Clock = std::chrono::steady_clock;

/// The questions are asked again while the control is not answered: a link that has just come up
/// drops what it should send for a while. Only a host that stays silent waits for all rounds.
constexpr int kRounds = 10;
constexpr std::chrono::milliseconds kRound{200};

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

/// Who has each VIP, then the control: when that is answered, the VIPs have been answered or not.
Result<void> ask_all(const ArpProbe& probe, LinkIndex link) {
  for (const IpAddr& vip : probe.vips) LVS_CHECK(ask(link, vip.v4()));
  return ask(link, probe.control.v4());
}

/// Watches until the control is seen (true) or the round is over (false); an error when a VIP is
/// claimed before.
Result<bool> control_seen(linux_net::PacketSocket& tap, const ArpProbe& probe,
                          const linux_net::Link& link) {
  const auto deadline = Clock::now() + kRound;
  while (true) {
    LVS_TRY(const std::optional<linux_net::ReceivedFrame> frame, tap.receive_until(deadline));
    if (!frame) return false;
    const std::optional<Ipv4Addr> claimed = claim_in(*frame, link.mac);
    if (!claimed) continue;
    if (IpAddr{*claimed} == probe.control) return true;
    if (std::find(probe.vips.begin(), probe.vips.end(), IpAddr{*claimed}) != probe.vips.end()) {
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
  for (int round = 0; round < kRounds; ++round) {
    if (auto asked = ask_all(probe, link.index); !asked)
      return skipped("a frame could not be injected on " + probe.link + ": " + asked.error().what);
    LVS_TRY(const bool seen, control_seen(*tap, probe, link));
    if (seen) return StepNote{};
  }
  return skipped("the control was not answered: no reply for " + to_string(probe.control) +
                 " was seen on " + probe.link + ", so silence for the VIP proves nothing");
}

}  // namespace lvs::profiles
