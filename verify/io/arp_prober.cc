#include "verify/io/arp_prober.h"

#include <linux/if_ether.h>

#include <cerrno>
#include <utility>

#include "net/wire/arp.h"
#include "verify/core/arp_claims.h"

namespace lvs::verify {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 8;
constexpr int kTries = 3;
constexpr std::chrono::milliseconds kTryLasts{400};

using Found = std::map<Ipv4Addr, MacAddr>;

void note_replies(const Frame& frame, const std::vector<Ipv4Addr>& wanted, Found& found) {
  for (const Ipv4Addr addr : wanted)
    if (const auto mac = read_reply(frame, addr)) found.emplace(addr, *mac);
}

Result<void> ask_missing(ArpProber& prober, const std::vector<Ipv4Addr>& wanted,
                         const Found& found) {
  for (const Ipv4Addr addr : wanted) {
    if (found.contains(addr)) continue;
    if (auto asked = prober.ask(addr); !asked) return asked;
  }
  return {};
}

/// Both questions of one round.
Result<void> ask_both_ways(ArpProber& prober, Ipv4Addr vip) {
  LVS_CHECK(prober.ask(vip));
  return prober.ask_as_zero(vip);
}

}  // namespace

Result<ArpProber> ArpProber::open(const Facing& facing) {
  auto socket = linux_net::PacketSocket::open(
      facing.link, {.ethertype = ETH_P_ARP, .filter = {}, .ignore_outgoing = true});
  if (!socket) return fail_within("ask by ARP on " + facing.nic, std::move(socket).error());
  return ArpProber{*std::move(socket), facing};
}

Result<void> ArpProber::ask(Ipv4Addr wanted) {
  return socket_.send(wire::make_arp_request(facing_.mac, facing_.own, wanted));
}

Result<void> ArpProber::ask_as_zero(Ipv4Addr wanted) {
  return socket_.send(wire::make_arp_probe(facing_.mac, wanted));
}

Result<void> ArpProber::listen_until(Clock::time_point deadline,
                                     const std::function<bool(const Frame&)>& hear) {
  while (true) {
    LVS_TRY(const auto frame, socket_.receive_until(deadline));
    if (!frame || hear(frame->bytes)) return {};
  }
}

Result<std::map<Ipv4Addr, MacAddr>> resolve(ArpProber& prober,
                                            const std::vector<Ipv4Addr>& wanted) {
  std::map<Ipv4Addr, MacAddr> found;
  const auto hear = [&](const Frame& frame) {
    note_replies(frame, wanted, found);
    return found.size() == wanted.size();
  };
  for (int round = 0; round < kTries && found.size() < wanted.size(); ++round) {
    LVS_CHECK(ask_missing(prober, wanted, found));
    LVS_CHECK(prober.listen_until(Clock::now() + kTryLasts, hear));
  }
  return found;
}

Result<OwnerEvidence> watch_owner(ArpProber& prober, Ipv4Addr vip,
                                  std::chrono::milliseconds window) {
  OwnerEvidence seen{.vip = vip, .claims = {}, .directors = {}, .allowed_macs = {}, .states = {}};
  const Clock::time_point start = Clock::now();
  const auto hear = [&seen, vip](const Frame& frame) {
    if (const auto claim = read_claim(frame, vip)) seen.claims.push_back(*claim);
    return false;
  };
  for (int round = 1; round <= kRounds; ++round) {
    LVS_CHECK(ask_both_ways(prober, vip));
    ++seen.asked_as_own;
    ++seen.asked_as_zero;
    // The whole of each round is listened to: a second owner may answer late.
    LVS_CHECK(prober.listen_until(start + window * round / kRounds, hear));
  }
  return seen;
}

}  // namespace lvs::verify
