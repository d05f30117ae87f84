#include "profiles/core/desired/tunnel_way.h"

#include <algorithm>
#include <array>

namespace lvs::profiles {
namespace {

bool is_ipip(const Seat& seat) { return seat.entry->tunnel.type == TunnelType::Ipip; }

const Ability& ability_for(TunnelKind kind, const Abilities& can) {
  if (kind == TunnelKind::Sit) return can.sit;
  return kind == TunnelKind::Ip6tnl ? can.ip6tnl : can.ipip;
}

/// "ipip: this kernel has no module ipip"
std::string tell(TunnelKind kind, const Abilities& can) {
  const std::string& why = ability_for(kind, can).why;
  return to_string(kind) + (why.empty() ? "" : ": " + why);
}

/// The first kind of device that is needed and not to be had.
std::optional<TunnelKind> missing_kind(const std::vector<Seat>& seats, const Abilities& can) {
  for (const Seat& seat : seats) {
    const TunnelKind kind = kind_for(seat.rip, seat.vip);
    if (!ability_for(kind, can).has) return kind;
  }
  return std::nullopt;
}

std::string reason(const Ability& ability) {
  return ability.why.empty() ? "" : " (" + ability.why + ")";
}

std::string merges(const std::string& link) {
  return link + " puts together as UDP datagrams (GRO: rx-udp-gro-forwarding or rx-gro-list)";
}

WayChoice choose_by_abilities(const std::vector<Seat>& seats, const Abilities& can,
                              const std::string& merging) {
  const bool has_other = !std::all_of(seats.begin(), seats.end(), is_ipip);
  const std::optional<TunnelKind> missing = missing_kind(seats, can);
  if (!has_other && !missing) {
    const TunnelKind kind = kind_for(seats.front().rip, seats.front().vip);
    return {DecapWay::Device, "decapsulation by a kernel device (" + tell(kind, can) + ")", "", ""};
  }
  const std::string instead = has_other ? "for tunnels of type gue and gre we make no kernel device"
                                        : "no kernel device (" + tell(*missing, can) + ")";
  if (can.bpf.has && !merging.empty())
    return {DecapWay::Process,
            "decapsulation by a process: " + instead + ", and no BPF program parts what " +
                merges(merging),
            "", ""};
  if (can.bpf.has)
    return {DecapWay::Bpf, "decapsulation by a BPF program" + reason(can.bpf) + ": " + instead, "",
            ""};
  return {DecapWay::Process,
          "decapsulation by a process: " + instead + ", no BPF program" + reason(can.bpf), "", ""};
}

WayChoice choose_device(const std::vector<Seat>& seats, const Abilities& can) {
  if (!std::all_of(seats.begin(), seats.end(), is_ipip))
    return {{}, "", "", R"(decap = "ipip" takes only tunnels of type ipip out)"};
  if (const auto missing = missing_kind(seats, can))
    return {{}, "", R"(decap = "ipip" needs a kernel device of kind )" + tell(*missing, can), ""};
  return {DecapWay::Device, R"(decapsulation by a kernel device: decap = "ipip")", "", ""};
}

WayChoice choose_bpf(const Abilities& can, const std::string& merging) {
  if (!can.bpf.has)
    return {{}, "", R"(decap = "bpf" needs the right to load a BPF program)" + reason(can.bpf), ""};
  if (!merging.empty())
    return {{},
            "",
            R"(decap = "bpf" cannot part what )" + merges(merging) + ": ethtool -K " + merging +
                " rx-udp-gro-forwarding off rx-gro-list off",
            ""};
  return {DecapWay::Bpf, R"(decapsulation by a BPF program: decap = "bpf")", "", ""};
}

WayChoice choose_tunl0(const std::vector<Seat>& seats) {
  const bool fits = std::all_of(seats.begin(), seats.end(), [](const Seat& seat) {
    return is_ipip(seat) && seat.rip.is_v4() && seat.vip.is_v4();
  });
  if (!fits)
    return {{}, "", "", R"(decap = "tunl0" takes only IPv4 in IPv4, tunnels of type ipip, out)"};
  return {DecapWay::Tunl0, R"(decapsulation by the kernel's tunl0: decap = "tunl0")", "", ""};
}

/// FNV-1a, 32 bits: eight digits of a name stand for sixteen octets.
std::uint32_t digest(const Ipv6Addr& address) {
  std::uint32_t hash = 2166136261U;
  for (const std::uint8_t octet : address.octets()) hash = (hash ^ octet) * 16777619U;
  return hash;
}

std::string hex8(std::uint32_t number) {
  constexpr std::array<char, 17> digits{"0123456789abcdef"};
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += digits[(number >> shift) & 15U];
  return text;
}

}  // namespace

WayChoice choose_way(Decap said, const std::vector<Seat>& seats, const Abilities& can,
                     const std::string& merging) {
  switch (said) {
    case Decap::Auto:
      return choose_by_abilities(seats, can, merging);
    case Decap::Ipip:
      return choose_device(seats, can);
    case Decap::Tunl0:
      return choose_tunl0(seats);
    case Decap::Bpf:
      return choose_bpf(can, merging);
    case Decap::Process:
      break;
  }
  return {DecapWay::Process, R"(decapsulation by a process: decap = "process")", "", ""};
}

DecapTarget target_of(const Seat& seat) {
  DecapTarget target{seat.rip, seat.entry->tunnel.type, {}};
  if (target.type == TunnelType::Gue) target.port = seat.entry->tunnel.port.value_or(kGuePort);
  return target;
}

TunnelKind kind_for(const IpAddr& rip, const IpAddr& vip) {
  if (!rip.is_v4()) return TunnelKind::Ip6tnl;
  return vip.is_v4() ? TunnelKind::Ipip : TunnelKind::Sit;
}

std::string device_name(TunnelKind kind, const IpAddr& rip) {
  if (kind == TunnelKind::Ip6tnl) return "lvst-" + hex8(digest(rip.v6()));
  return (kind == TunnelKind::Sit ? "lvs6-" : "lvs4-") + hex8(rip.v4().number());
}

}  // namespace lvs::profiles
