// The tc program lvskit_decap: takes the outer headers off tunnel packets for the targets in its
// maps whose inner destination is one of the VIPs, and lets the kernel go on with the inner packet
// as if the link had received it. Everything else passes as it came, to the next filter; only what
// RFC 6040 wants dropped is dropped, and counted by the queueing discipline.

#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <cstdint>
#include <optional>

#include "net/wire/ecn.h"
#include "net/wire/ipv4.h"
#include "net/wire/tunnel.h"
#include "profiles/bpf/decap_maps.h"

// NOLINTBEGIN: BPF's own world: maps are declared by their shape, helpers are numbers, and names
// are those that the loader looks for

#define LVS_MAP(symbol, kind, key_type, value_type, entries)   \
  struct symbol##_map {                                        \
    int (*type)[kind];                                         \
    key_type* key;                                             \
    value_type* value;                                         \
    int (*max_entries)[entries];                               \
  };                                                           \
  extern "C" {                                                 \
  __attribute__((section(".maps"), used)) symbol##_map symbol; \
  }

LVS_MAP(targets, BPF_MAP_TYPE_HASH, lvs::bpf::TargetKey, std::uint8_t, lvs::bpf::kMaxTargets)
LVS_MAP(vips, BPF_MAP_TYPE_HASH, lvs::bpf::AddressKey, std::uint8_t, lvs::bpf::kMaxVips)
LVS_MAP(about, BPF_MAP_TYPE_ARRAY, std::uint32_t, lvs::bpf::About, 1)

namespace {

using namespace lvs;
using namespace lvs::wire;

void* (*const map_lookup)(void*, const void*) =
    reinterpret_cast<void* (*)(void*, const void*)>(BPF_FUNC_map_lookup_elem);
long (*const load_bytes)(const __sk_buff*, std::uint32_t, void*, std::uint32_t) =
    reinterpret_cast<long (*)(const __sk_buff*, std::uint32_t, void*, std::uint32_t)>(
        BPF_FUNC_skb_load_bytes);
long (*const store_bytes)(__sk_buff*, std::uint32_t, const void*, std::uint32_t, std::uint64_t) =
    reinterpret_cast<long (*)(__sk_buff*, std::uint32_t, const void*, std::uint32_t,
                              std::uint64_t)>(BPF_FUNC_skb_store_bytes);
long (*const adjust_room)(__sk_buff*, std::int32_t, std::uint32_t, std::uint64_t) =
    reinterpret_cast<long (*)(__sk_buff*, std::int32_t, std::uint32_t, std::uint64_t)>(
        BPF_FUNC_skb_adjust_room);

// Since Linux 6.3; an older kernel says EINVAL, and a packet of mixed families then passes
// untouched.
constexpr std::uint64_t kInnerIsIpv4 = 1u << 7u, kInnerIsIpv6 = 1u << 8u;
// Newer than Linux 6.18; an older kernel says EINVAL, and is asked again without. It leaves the
// tunnel's bits in the type of a super-packet, which no receiver on the host looks at.
constexpr std::uint64_t kWasGre = 1u << 9u, kWasUdp = 1u << 10u, kWasInIpv4 = 1u << 11u,
                        kWasInIpv6 = 1u << 12u;
constexpr std::uint8_t kDestinationOptions = 60;
constexpr std::uint32_t kEthernetHeaderBytes = 14, kEthertypeAt = 12;
constexpr std::uint32_t kIpv6HeaderBytes = 40;

/// The outer IP header, as far as it matters.
struct Outer {
  bpf::AddressKey destination{};
  std::uint8_t protocol = 0;
  std::uint32_t size = 0;  ///< with the extension header of a tunnel (RFC 2473, 4.1.1)
  Family family = Family::Ipv4;
  Ecn ecn = Ecn::NotCapable;
};

#define LVS_INLINE [[gnu::always_inline]] inline

template <std::size_t N>
LVS_INLINE bool load(const __sk_buff* packet, std::uint32_t at, std::array<std::uint8_t, N>& into) {
  return load_bytes(packet, at, into.data(), N) == 0;
}

LVS_INLINE void put_octets(const std::uint8_t* from, std::uint8_t family, bpf::AddressKey& key) {
  key.family = family;
  __builtin_memcpy(key.octets.data(), from, family == 4 ? 4 : 16);
}

/// False: options, a fragment, or not IPv4 at all.
LVS_INLINE bool read_outer4(const __sk_buff* packet, std::uint32_t at, Outer& outer) {
  using namespace ipv4_field;
  std::array<std::uint8_t, kMinHeader> header{};
  if (!load(packet, at, header) || header[kVersion] != 0x45) return false;
  if ((load_be16(header, kFragment) & (kMoreFragments | kOffsetMask)) != 0) return false;
  put_octets(header.data() + kDestination, 4, outer.destination);
  outer.protocol = header[kProtocol];
  outer.size = kMinHeader;
  outer.family = Family::Ipv4;
  outer.ecn = ecn_of(header, Family::Ipv4);
  return true;
}

/// False: an extension header other than the one that ip6tnl adds, or not IPv6 at all.
LVS_INLINE bool read_outer6(const __sk_buff* packet, std::uint32_t at, Outer& outer) {
  std::array<std::uint8_t, kIpv6HeaderBytes> header{};
  if (!load(packet, at, header) || header[0] >> 4u != 6) return false;
  put_octets(header.data() + 24, 6, outer.destination);
  outer.protocol = header[6];
  outer.size = kIpv6HeaderBytes;
  outer.family = Family::Ipv6;
  outer.ecn = ecn_of(header, Family::Ipv6);
  if (outer.protocol != kDestinationOptions) return true;
  std::array<std::uint8_t, 2> options{};
  if (!load(packet, at + kIpv6HeaderBytes, options) || options[1] != 0) return false;
  outer.protocol = options[0];
  outer.size += 8;
  return true;
}

LVS_INLINE bool is_target(bpf::TargetKey& key) { return map_lookup(&targets, &key) != nullptr; }

/// The layer behind the outer header at `at`, when the packet is for a target.
LVS_INLINE bool find_layer(const __sk_buff* packet, std::uint32_t at, const Outer& outer,
                           TunnelLayer& layer) {
  bpf::TargetKey key{};
  key.outer = outer.destination;
  if (const auto family = carried_family(Protocol{outer.protocol})) {
    key.type = bpf::kIpip;
    layer = {0, *family};
    return is_target(key);
  }
  std::array<std::uint8_t, 4> start{};
  if (Protocol{outer.protocol} == Protocol::Gre) {
    key.type = bpf::kGre;
    if (!is_target(key) || !load(packet, at, start)) return false;
    const auto found = gre_layer(start);
    if (found) layer = *found;
    return found.has_value();
  }
  if (Protocol{outer.protocol} != Protocol::Udp) return false;
  constexpr std::uint32_t kUdpHeaderBytes = 8;
  if (!load(packet, at, start)) return false;
  key.type = bpf::kGue;
  key.port = load_be16(start, 2);
  if (!is_target(key) || !load(packet, at + kUdpHeaderBytes, start)) return false;
  const auto found = gue_layer(start);
  if (found) layer = {kUdpHeaderBytes + found->size, found->inner};
  return found.has_value();
}

/// True when a whole inner header is there and its destination is a VIP.
LVS_INLINE bool is_for_vip(const __sk_buff* packet, std::uint32_t at, Family family) {
  bpf::AddressKey key{};
  if (family == Family::Ipv4) {
    std::array<std::uint8_t, ipv4_field::kMinHeader> header{};
    if (!load(packet, at, header) || header[0] >> 4u != 4) return false;
    put_octets(header.data() + ipv4_field::kDestination, 4, key);
  } else {
    std::array<std::uint8_t, kIpv6HeaderBytes> header{};
    if (!load(packet, at, header) || header[0] >> 4u != 6) return false;
    put_octets(header.data() + 24, 6, key);
  }
  return map_lookup(&vips, &key) != nullptr;
}

/// Datagrams of one tunnel of type gue that GRO has put together behind the first one's headers
/// (rx-udp-gro-forwarding, rx-gro-list): no program can part them. Inside a tunnel that the kernel
/// knows, a super-packet's inner header counts the whole.
LVS_INLINE bool is_several(const __sk_buff* packet, const Outer& outer, std::uint32_t inner_at,
                           Family inner) {
  if (packet->gso_size == 0 || Protocol{outer.protocol} != Protocol::Udp) return false;
  const std::uint32_t length_at = inner == Family::Ipv4 ? ipv4_field::kTotalLength : 4;
  const std::uint32_t uncounted = inner == Family::Ipv4 ? 0 : kIpv6HeaderBytes;
  std::array<std::uint8_t, 2> length{};
  if (!load(packet, inner_at + length_at, length)) return true;
  return inner_at + uncounted + load_be16(length, 0) != packet->len;
}

/// What an outer header of this kind makes of a super-packet's type, to be taken back with it.
LVS_INLINE std::uint64_t super_packet_of(const Outer& outer) {
  if (Protocol{outer.protocol} == Protocol::Gre) return kWasGre;
  if (Protocol{outer.protocol} == Protocol::Udp) return kWasUdp;
  return outer.family == Family::Ipv4 ? kWasInIpv4 : kWasInIpv6;
}

/// Takes the outer header and the layer out behind the link header. A super-packet (what GRO or the
/// sender has put together) keeps its segment size, for that counts the inner payload.
LVS_INLINE bool strip(__sk_buff* packet, const Outer& outer, const TunnelLayer& layer,
                      std::uint32_t link_header) {
  const auto size = -static_cast<std::int32_t>(outer.size + layer.size);
  std::uint64_t flags = BPF_F_ADJ_ROOM_FIXED_GSO;
  if (outer.family != layer.inner)
    flags |= layer.inner == Family::Ipv4 ? kInnerIsIpv4 : kInnerIsIpv6;
  const bool done = packet->gso_size != 0 && adjust_room(packet, size, BPF_ADJ_ROOM_MAC,
                                                         flags | super_packet_of(outer)) == 0;
  if (!done && adjust_room(packet, size, BPF_ADJ_ROOM_MAC, flags) != 0) return false;
  if (outer.family == layer.inner || link_header != kEthernetHeaderBytes) return true;
  const std::array<std::uint8_t, 2> ethertype{
      static_cast<std::uint8_t>(layer.inner == Family::Ipv4 ? 0x08 : 0x86),
      static_cast<std::uint8_t>(layer.inner == Family::Ipv4 ? 0x00 : 0xdd)};
  return store_bytes(packet, kEthertypeAt, ethertype.data(), ethertype.size(), 0) == 0;
}

/// The congestion that the outer header told of, now in the inner header at `at` (RFC 6040). False:
/// the packet is to be dropped.
LVS_INLINE bool pass_congestion_on(__sk_buff* packet, std::uint32_t at, Family family, Ecn outer) {
  std::array<std::uint8_t, kEcnHeader> header{};
  if (!load(packet, at, header)) return false;
  const Ecn before = ecn_of(header, family);
  const auto after = ecn_out_of_tunnel(outer, before);
  if (!after) return false;
  if (*after == before) return true;
  set_ecn(header, family, *after);
  return store_bytes(packet, at, header.data(), header.size(), BPF_F_RECOMPUTE_CSUM) == 0;
}

/// Only what the kernel would take for itself on this link, and nothing of a VLAN's.
LVS_INLINE bool is_for_us(const __sk_buff* packet) {
  constexpr std::uint32_t to_host = 0, vlan_number = 0x0fff;
  if (packet->pkt_type != to_host) return false;
  return packet->vlan_present == 0 || (packet->vlan_tci & vlan_number) == 0;
}

}  // namespace

extern "C" __attribute__((section("tc"), used)) int lvskit_decap(__sk_buff* packet) {
  const std::uint32_t first = 0;
  const auto* const settings = static_cast<const lvs::bpf::About*>(map_lookup(&about, &first));
  if (settings == nullptr || !is_for_us(packet)) return TC_ACT_UNSPEC;
  const std::uint32_t start = settings->link_header;
  Outer outer;
  const std::uint32_t ethertype = __builtin_bswap16(static_cast<std::uint16_t>(packet->protocol));
  if (ethertype == 0x0800) {
    if (!read_outer4(packet, start, outer)) return TC_ACT_UNSPEC;
  } else if (ethertype != 0x86dd || !read_outer6(packet, start, outer)) {
    return TC_ACT_UNSPEC;
  }
  TunnelLayer layer;
  if (!find_layer(packet, start + outer.size, outer, layer)) return TC_ACT_UNSPEC;
  const std::uint32_t size = outer.size + static_cast<std::uint32_t>(layer.size);
  if (!is_for_vip(packet, start + size, layer.inner)) return TC_ACT_UNSPEC;
  if (is_several(packet, outer, start + size, layer.inner)) return TC_ACT_UNSPEC;
  if (!strip(packet, outer, layer, start)) return TC_ACT_UNSPEC;
  return pass_congestion_on(packet, start, layer.inner, outer.ecn) ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

extern "C" __attribute__((section("license"), used)) const char lvs_license[] = "Dual MIT/GPL";
// NOLINTEND
