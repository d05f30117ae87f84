// A real server of tun, in the order that is safe: the decapsulator before the VIP where the VIP
// goes on it, after the VIP where it goes on lo; the firewall last, because only then may packets
// come. Reverse path filtering would drop what comes out of a tunnel device, since the way back to
// the client is another: so it is off there, and `all`, which the kernel combines by maximum, is 0.

#include "profiles/core/desired/tunnel.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace lvs::profiles {
namespace {

constexpr const char* kFilterWhy = "the way back to the client is not by the tunnel";

/// What the host's own table says for the link; true when it says anything.
bool add_said_filter(Desired& desired, const Host& host, const std::string& link) {
  std::vector<SysctlWish> said;
  for (const std::string& place : {std::string("all"), link}) {
    const std::string key = conf_key(place, "rp_filter");
    if (host.sysctl.contains(key)) said.push_back({key, "0", {"0"}, kFilterWhy});
  }
  add_derived(desired, host, said);
  return !said.empty();
}

void add_filter_off(Desired& desired, const Host& host, const std::string& link, bool settle) {
  EffectiveRule rule{link, "rp_filter", Combine::Max, {"0"}, kFilterWhy};
  if (add_said_filter(desired, host, link)) {
    // Loose mode lets packets from a tunnel pass too, as long as there is a route to the client
    // and the device has an address (measured).
    rule.accepted = {"0", "2"};
  } else {
    desired.wishes.emplace_back(LowerWish{link, "rp_filter", kFilterWhy});
    if (settle)
      desired.wishes.emplace_back(
          ProofWish{SettleSysctl{link, conf_key(link, "rp_filter"), "0"},
                    "udev's rules write the distribution's sysctls to a new link"});
  }
  add_checked(desired, rule, {});
}

/// VIPs that this host has on lo already, because it serves them by dr too, stay there.
std::vector<IpAddr> without(const std::vector<IpAddr>& vips, const std::vector<IpAddr>& on_lo) {
  std::vector<IpAddr> rest;
  for (const IpAddr& vip : vips)
    if (std::find(on_lo.begin(), on_lo.end(), vip) == on_lo.end()) rest.push_back(vip);
  return rest;
}

/// What one program that decapsulates without a device is told.
DecapRules rules_of(const std::vector<Seat>& seats) {
  std::set<DecapTarget, decltype([](const DecapTarget& a, const DecapTarget& b) {
             return std::tuple{a.outer, a.type, a.port} < std::tuple{b.outer, b.type, b.port};
           })>
      targets;
  for (const Seat& seat : seats) targets.insert(target_of(seat));
  return {{targets.begin(), targets.end()}, vips_of(seats)};
}

class TunnelEnd {
 public:
  TunnelEnd(Desired& desired, const Profile& profile, const Host& host, const Abilities& can)
      : desired_(desired),
        profile_(profile),
        host_(host),
        can_(can),
        seats_(seats_of(profile, host, Method::Tun)),
        vips_(without(vips_of(seats_), vips_of(seats_of(profile, host, Method::Dr)))) {}

  void add() {
    const WayChoice choice = choose_way(host_.decap, seats_, can_, merging_link());
    if (!choice.lacking.empty()) desired_.lacking.push_back(choice.lacking);
    if (!choice.refusal.empty()) desired_.refusals.push_back(choice.refusal);
    if (!choice.way) return;
    desired_.notes.push_back(choice.note);
    switch (*choice.way) {
      case DecapWay::Device:
        add_devices();
        break;
      case DecapWay::Tunl0:
        add_tunl0();
        break;
      case DecapWay::Bpf:
        add_filters();
        break;
      case DecapWay::Process:
        add_process();
        break;
    }
    // A BPF program takes the outer header off before netfilter sees the packet.
    if (choice.way != DecapWay::Bpf) add_tunnel_accepts(desired_, profile_, seats_, can_);
    add_probes();
  }

 private:
  std::string merging_link() const {
    for (const Seat& seat : seats_) {
      const Nic* const nic = nic_with(host_, seat.rip);
      if (seat.entry->tunnel.type == TunnelType::Gue && nic != nullptr &&
          std::ranges::find(can_.merging_udp, nic->name) != can_.merging_udp.end())
        return nic->name;
    }
    return "";
  }

  void add_devices() {
    std::map<std::string, TunnelFact> devices;
    std::map<std::string, std::set<IpAddr>> carried;
    for (const Seat& seat : seats_) {
      const TunnelKind kind = kind_for(seat.rip, seat.vip);
      const std::string link = device_name(kind, seat.rip);
      devices[link] = {link, kind, seat.rip, "lvskit:" + desired_.profile + ":tunnel"};
      carried[link].insert(seat.vip);
    }
    for (const auto& [link, device] : devices) {
      desired_.wishes.emplace_back(
          ObjectWish<TunnelFact>{device, "takes what the director sends out of the tunnel"});
      const std::set<IpAddr>& vips = carried[link];
      const bool has_v4 =
          std::any_of(vips.begin(), vips.end(), [](const IpAddr& vip) { return vip.is_v4(); });
      if (has_v4) add_filter_off(desired_, host_, link, can_.udev);
      desired_.wishes.emplace_back(ObjectWish<UpFact>{{link}, "the tunnel must be up"});
    }
    std::vector<IpAddr> left = vips_;
    for (const auto& [link, vips] : carried) {
      std::vector<IpAddr> here;
      for (const IpAddr& vip : left)
        if (vips.contains(vip)) here.push_back(vip);
      add_vips(desired_, host_, here, link);
      left = without(left, here);
    }
  }

  void add_tunl0() {
    desired_.devices.push_back({"tunl0", "load the module that brings it: modprobe ipip"});
    add_filter_off(desired_, host_, "tunl0", false);
    desired_.wishes.emplace_back(ObjectWish<UpFact>{{"tunl0"}, "the tunnel must be up"});
    add_vips(desired_, host_, vips_, "tunl0");
  }

  void add_filters() {
    add_vips_on_lo(desired_, host_, vips_);
    std::map<std::string, std::vector<Seat>> by_link;
    for (const Seat& seat : seats_)
      if (const Nic* nic = nic_with(host_, seat.rip)) by_link[nic->name].push_back(seat);
    for (const auto& [link, seats] : by_link) {
      desired_.wishes.emplace_back(
          ObjectWish<ClsactFact>{{link}, "what the decapsulating program hangs on"});
      desired_.wishes.emplace_back(
          ObjectWish<DecapFilter>{{link, desired_.profile, rules_of(seats)},
                                  "takes what the director sends out of the tunnel"});
    }
  }

  void add_process() {
    const bool has_v4 = std::any_of(seats_.begin(), seats_.end(),
                                    [](const Seat& seat) { return seat.vip.is_v4(); });
    if (has_v4) add_open_lo(desired_, "the process gives the inner packets to the kernel on lo");
    add_vips_on_lo(desired_, host_, vips_);
    desired_.wishes.emplace_back(ObjectWish<DecapProcess>{
        {desired_.profile, rules_of(seats_)}, "takes what the director sends out of the tunnel"});
  }

  /// One for each target and family of VIPs behind it, as the first director would send.
  void add_probes() {
    std::vector<std::pair<DecapTarget, Family>> done;
    for (const Seat& seat : seats_) {
      const Nic* nic = nic_with(host_, seat.rip);
      const std::pair key{target_of(seat), seat.vip.family()};
      const auto source = director_source(seat.rip);
      if (nic == nullptr || !source || std::find(done.begin(), done.end(), key) != done.end())
        continue;
      done.push_back(key);
      desired_.wishes.emplace_back(ProofWish{TunnelProbe{nic->name, key.first, *source, seat.vip},
                                             "proof that tunnel packets reach the VIP here"});
    }
  }

  std::optional<IpAddr> director_source(const IpAddr& rip) const {
    for (const Host* director : directors_of(profile_)) {
      const std::vector<IpAddr> sources = sources_toward(*director, rip);
      if (!sources.empty()) return sources.front();
    }
    return std::nullopt;
  }

  Desired& desired_;
  const Profile& profile_;
  const Host& host_;
  const Abilities& can_;
  std::vector<Seat> seats_;
  std::vector<IpAddr> vips_;
};

}  // namespace

void desire_tunnel_end(Desired& desired, const Profile& profile, const Host& host,
                       const Abilities& can) {
  TunnelEnd(desired, profile, host, can).add();
}

}  // namespace lvs::profiles
