// The firewall of a real server of tun, where it sees the outer packet: what the directors send
// must pass. A table of ours says so, and documents it; where another chain drops, that chain needs
// a rule too, because an accept of ours does not overrule its drop.

#include <algorithm>

#include "net/wire/addr_text.h"
#include "profiles/core/desired/tunnel.h"

namespace lvs::profiles {
namespace {

constexpr std::uint8_t kIpip = 4;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIpv6InIp = 41;
constexpr std::uint8_t kGre = 47;

PacketMatch match_of(const Seat& seat, const IpAddr& director) {
  const DecapTarget target = target_of(seat);
  PacketMatch match;
  match.family = seat.rip.family();
  match.source = Prefix{director, director.bits()};
  switch (target.type) {
    case TunnelType::Ipip:
      match.protocol = seat.vip.is_v4() ? kIpip : kIpv6InIp;
      break;
    case TunnelType::Gue:
      match.protocol = kUdp;
      match.port = target.port;
      break;
    case TunnelType::Gre:
      match.protocol = kGre;
      break;
  }
  return match;
}

/// Tells the rule from the others of the profile: "lvskit:web:accept-4-192.168.1.90".
std::string comment_of(const Desired& desired, const PacketMatch& match) {
  std::string text = "lvskit:" + desired.profile + ":accept-" + std::to_string(*match.protocol);
  if (match.port) text += "-" + std::to_string(match.port->number);
  return text + "-" + to_string(match.source->addr);
}

/// What each director may send to each real address, once.
std::vector<PacketMatch> matches_of(const Profile& profile, const std::vector<Seat>& seats) {
  std::vector<PacketMatch> matches;
  const auto add = [&](const PacketMatch& match) {
    if (std::find(matches.begin(), matches.end(), match) == matches.end()) matches.push_back(match);
  };
  for (const Seat& seat : seats)
    for (const Host* director : directors_of(profile))
      for (const IpAddr& source : sources_toward(*director, seat.rip)) add(match_of(seat, source));
  return matches;
}

}  // namespace

void add_tunnel_accepts(Desired& desired, const Profile& profile, const std::vector<Seat>& seats,
                        const Abilities& can) {
  const char* const why = "the directors' tunnel packets must come in";
  const std::vector<PacketMatch> matches = matches_of(profile, seats);
  if (matches.empty()) return;
  if (can.inet_tables) {
    OwnTable table = own_table(desired, NftFamily::Inet, "accept");
    for (const PacketMatch& match : matches)
      table.rules.emplace_back(AcceptRule{Hook::Input, match});
    desired.wishes.emplace_back(ObjectWish<OwnTable>{table, why});
  } else {
    desired.notes.emplace_back(
        "no table of ours accepts the tunnel packets, since this kernel's nf_tables has no family "
        "inet; none is needed, an accept there would overrule nobody's drop");
  }
  for (const PacketMatch& match : matches)
    desired.wishes.emplace_back(AcceptWish{Hook::Input, match, comment_of(desired, match), why});
}

}  // namespace lvs::profiles
