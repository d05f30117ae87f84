#include "director/simulate/host_stack.h"

#include <cstddef>

#include "director/core/answer.h"
#include "director/core/engine.h"
#include "director/core/packet.h"

namespace lvs::director::simulate {
namespace {

template <typename Addr>
std::vector<std::uint8_t> answer(const wire::EthernetView& ethernet) {
  const Parsed<Addr> parsed = parse_packet<Addr>(ethernet, {});
  if (!parsed.packet || !may_be_answered(*parsed.packet)) return {};
  const Packet<Addr>& packet = *parsed.packet;
  std::vector<std::uint8_t> out(Engine::kAnswerBytes);
  out.resize(
      packet.transport.is_tcp()
          ? make_reset(packet, out)
          : make_icmp_error<Addr>(
                packet, {.news = IcmpNews::PortUnreachable, .from = packet.ip.destination()}, out));
  return out;
}

}  // namespace

std::vector<std::uint8_t> answer_of_host(wire::MutableBytes frame) {
  const auto ethernet = wire::EthernetView::parse(frame);
  if (!ethernet) return {};
  return wire::Ipv4View::parse(ethernet->payload()) ? answer<Ipv4Addr>(*ethernet)
                                                    : answer<Ipv6Addr>(*ethernet);
}

}  // namespace lvs::director::simulate
