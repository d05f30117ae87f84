#include "director/io/filter/layout.h"

#include <linux/if_ether.h>

namespace lvs::director {
namespace {

constexpr PortSpan types(std::uint16_t first, std::uint16_t last) {
  return {static_cast<std::uint16_t>(first << 8u),
          static_cast<std::uint16_t>(unsigned{last} << 8u | 0xffu)};
}
constexpr FilterLayout kIpv4{Family::Ipv4,  26, 30, 1, 8 + 16, {types(3, 4), types(11, 11)},
                             {types(3, 11)}};
constexpr FilterLayout kIpv6{Family::Ipv6, 22, 38, 58, 8 + 24, {types(1, 2), types(3, 4)},
                             {types(1, 4)}};

constexpr std::uint32_t kEthertype = 12, kIpv4Fragment = 20;
constexpr std::uint32_t kMoreFragmentsOrOffset = 0x3fff;
constexpr std::uint32_t kIpv6Fragment = 44;

}  // namespace

void find_packet(FilterAssembler& out, const FilterLayout& layout) {
  out.add(find_transport(layout.family));
  const FilterLabel fragment = out.make_label();
  const FilterLabel whole = out.make_label();
  if (layout.family == Family::Ipv4) {
    out.add(BPF_LD | BPF_H | BPF_ABS, kIpv4Fragment);
    out.branch(BPF_JSET, kMoreFragmentsOrOffset, fragment, whole);
  } else {
    out.add(BPF_LD | BPF_MEM, static_cast<std::uint32_t>(Slot::Protocol));
    out.branch(BPF_JEQ, kIpv6Fragment, fragment, whole);
  }
  out.put(fragment);
  out.add(store(Slot::Protocol, kFragment));
  out.put(whole);
}

std::vector<sock_filter> filter_of_families(const WriteFamily& write) {
  FilterAssembler out;
  const FilterLabel untagged = out.make_label();
  const FilterLabel ipv4 = out.make_label();
  const FilterLabel ipv6 = out.make_label();
  const FilterLabel accepted = out.make_label();
  const FilterLabel rejected = out.make_label();
  out.add(BPF_LD | BPF_W | BPF_ABS,
          static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT));
  out.branch(BPF_JEQ, 0, untagged, rejected);
  out.put(untagged);
  out.add(BPF_LD | BPF_H | BPF_ABS, kEthertype);
  out.when(BPF_JEQ, ETH_P_IP, ipv4);
  out.branch(BPF_JEQ, ETH_P_IPV6, ipv6, rejected);
  out.put(ipv4);
  write(out, kIpv4, accepted, rejected);
  out.put(ipv6);
  write(out, kIpv6, accepted, rejected);
  out.put(accepted);
  out.add(accept());
  out.put(rejected);
  out.add(reject());
  return out.assemble();
}

}  // namespace lvs::director
