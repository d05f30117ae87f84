#include "profiles/io/silence_probe.h"

#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "net/linux/packet_socket.h"
#include "net/wire/addr_text.h"
#include "net/wire/arp.h"
#include "net/wire/ethernet.h"
#include "net/wire/ndisc.h"

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
/// keeps all but ARP and ICMPv6 away.
constexpr std::array kOnlyClaims{
    sock_filter{BPF_LD | BPF_H | BPF_ABS, 0, 0, 12},
    sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 3, 0, ETH_P_ARP},
    sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 3, ETH_P_IPV6},
    sock_filter{BPF_LD | BPF_B | BPF_ABS, 0, 0,
                wire::kEthernetHeader + wire::ndisc_field::kNextHeader},
    sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, IPPROTO_ICMPV6},
    sock_filter{BPF_RET | BPF_K, 0, 0, 0xffff},
    sock_filter{BPF_RET | BPF_K, 0, 0, 0},
};

/// The address that an outgoing packet of this host claims; nullopt for anything else.
std::optional<IpAddr> claim_in(const linux_net::ReceivedFrame& frame, const MacAddr& own) {
  const auto ethernet = wire::ConstEthernetView::parse(frame.bytes);
  if (!ethernet) return std::nullopt;
  if (const auto arp = wire::ConstArpView::parse(ethernet->payload()))
    return arp->sender_mac() == own ? std::optional<IpAddr>(arp->sender_ip()) : std::nullopt;
  const auto ndisc = wire::ConstNdiscView::parse(ethernet->payload());
  if (!ndisc || ndisc->type() != wire::NdiscType::Advertisement) return std::nullopt;
  return ethernet->source() == own ? std::optional<IpAddr>(ndisc->target()) : std::nullopt;
}

Result<void> ask(LinkIndex link, const IpAddr& wanted) {
  if (wanted.is_v4())
    return linux_net::inject_as_received(link, wire::make_arp_probe(kAsker, wanted.v4()));
  return linux_net::inject_as_received(link, wire::make_neighbour_probe(kAsker, wanted.v6()));
}

StepNote skipped(std::string why) { return {true, std::move(why)}; }

/// For a host that still has to find out whether an IPv6 address of its own is free, our question
/// would be another host's claim (RFC 4862, 5.4.3): it would give the address up.
Result<bool> is_settled(const IpAddr& own) {
  constexpr std::uint32_t unsettled = IFA_F_TENTATIVE | IFA_F_OPTIMISTIC | IFA_F_DADFAILED;
  LVS_TRY(linux_net::RouteSocket route, linux_net::RouteSocket::open());
  LVS_TRY(const std::vector<linux_net::Address> addresses, route.addresses());
  return std::none_of(addresses.begin(), addresses.end(), [&](const linux_net::Address& address) {
    return address.addr == own && (address.flags & unsettled) != 0;
  });
}

/// Who has each VIP, then the control: when that is answered, the VIPs have been answered or not.
Result<void> ask_all(const ArpProbe& probe, LinkIndex link) {
  for (const IpAddr& vip : probe.vips) LVS_CHECK(ask(link, vip));
  return ask(link, probe.control);
}

/// Watches until the control is seen (true) or the round is over (false); an error when a VIP is
/// claimed before.
Result<bool> control_seen(linux_net::PacketSocket& tap, const ArpProbe& probe,
                          const linux_net::Link& link) {
  const auto deadline = Clock::now() + kRound;
  while (true) {
    LVS_TRY(const std::optional<linux_net::ReceivedFrame> frame, tap.receive_until(deadline));
    if (!frame) return false;
    const std::optional<IpAddr> claimed = claim_in(*frame, link.mac);
    if (!claimed) continue;
    if (*claimed == probe.control) return true;
    if (std::find(probe.vips.begin(), probe.vips.end(), *claimed) != probe.vips.end()) {
      return fail("this host answered a question for the VIP " + to_string(*claimed) + " on " +
                  probe.link + ": it would take the director's traffic");
    }
  }
}

}  // namespace

Result<StepNote> probe_silence(const ArpProbe& probe, const linux_net::Link& link) {
  auto tap =
      linux_net::PacketSocket::open(link.index, {.ethertype = ETH_P_ALL, .filter = kOnlyClaims});
  if (!tap) return skipped("no tap on " + probe.link + ": " + tap.error().what);
  LVS_TRY(const bool settled, is_settled(probe.control));
  if (!settled)
    return skipped(to_string(probe.control) + " on " + probe.link +
                   " is not settled (duplicate address detection): asking would disturb it");
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
