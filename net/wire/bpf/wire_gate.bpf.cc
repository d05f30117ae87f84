// A gate, not a product: everything that a packet of either family may meet, over BPF. The build
// fails when one of these headers stops compiling for BPF.

#include <cstdint>

#include "net/wire/encapsulate.h"
#include "net/wire/finish.h"
#include "net/wire/icmp_answerable.h"
#include "net/wire/ip.h"
#include "net/wire/rewrite.h"
#include "net/wire/rewrite_icmp.h"

// NOLINTBEGIN: BPF's own world: names are those that the loader looks for

namespace {

using namespace lvs::wire;

constexpr int kDrop = 1, kPass = 2, kTransmit = 3;
constexpr std::size_t kOuter = 52;

struct XdpContext {
  std::uint32_t data;
  std::uint32_t data_end;
};

MutableBytes packet_of(const XdpContext* context) {
  std::uint8_t* const begin =
      reinterpret_cast<std::uint8_t*>(static_cast<std::uintptr_t>(context->data));
  std::uint8_t* const end =
      reinterpret_cast<std::uint8_t*>(static_cast<std::uintptr_t>(context->data_end));
  return {begin, static_cast<std::size_t>(end - begin)};
}

template <typename Addr>
[[gnu::always_inline]] inline int translate(const XdpContext* context, const Addr& to) {
  const auto ip = IpView<Addr>::parse(packet_of(context));
  if (!ip) return kPass;
  const auto transport = TransportView::parse(*ip);
  if (!transport || transport->first_chunk_type() == sctp_chunk::kAbort) return kPass;
  ip->decrement_hops();
  const Endpoint<Addr> server{to, lvs::Port{80}};
  return rewrite(*ip, End::Destination, server, ChecksumState::Finished) ? kTransmit : kDrop;
}

template <typename Addr>
[[gnu::always_inline]] inline int translate_error(const XdpContext* context, const Addr& to) {
  const auto ip = IpView<Addr>::parse(packet_of(context));
  if (!ip || !is_answerable(*ip)) return kPass;
  const Endpoint<Addr> server{to, lvs::Port{80}};
  return rewrite_icmp_error(*ip, End::Source, server) ? kTransmit : kDrop;
}

template <typename Addr, typename Outer>
[[gnu::always_inline]] inline int tunnel_to(const XdpContext* context, const Outer& to) {
  const MutableBytes packet = packet_of(context);
  const auto ip = ConstIpView<Addr>::parse(packet.subspan(kOuter));
  if (!ip) return kPass;
  encapsulate(packet, *ip, {.type = TunnelType::Gue, .source = to, .destination = to},
              {.finish_later = true});
  return kTransmit;
}

}  // namespace

#define LVS_GATE(symbol, call) \
  extern "C" __attribute__((section("xdp"), used)) int symbol(XdpContext* context) { return call; }

using lvs::Ipv4Addr;
using lvs::Ipv6Addr;

LVS_GATE(translate4, translate(context, Ipv4Addr{}))
LVS_GATE(translate6, translate(context, Ipv6Addr{}))
LVS_GATE(translate_error4, translate_error(context, Ipv4Addr{}))
LVS_GATE(translate_error6, translate_error(context, Ipv6Addr{}))
LVS_GATE(tunnel4in4, tunnel_to<Ipv4Addr>(context, Ipv4Addr{}))
LVS_GATE(tunnel6in6, tunnel_to<Ipv6Addr>(context, Ipv6Addr{}))
LVS_GATE(finish, finish_frame(packet_of(context), kOuter) ? kTransmit : kDrop)

extern "C" __attribute__((section("license"), used)) const char lvs_license[] = "Dual MIT/GPL";
// NOLINTEND
