#include "verify/core/wire_flows.h"

#include <algorithm>
#include <optional>

#include "net/wire/ethernet.h"
#include "net/wire/ipv4.h"
#include "net/wire/transport.h"

namespace lvs::verify {
namespace {

/// What a frame says about the service; `to_service`: from a client, else to one.
struct Sighting {
  bool to_service = false;
  Endpoint client;
  MacAddr source{};
  bool syn = false;
  bool reset = false;
  std::uint32_t sequence = 0;
};

std::optional<Sighting> read_frame(const Frame& frame, const WireService& service) {
  const auto ethernet = wire::ConstEthernetView::parse(wire::ConstBytes{frame});
  if (!ethernet || ethernet->type() != wire::EtherType::Ipv4) return std::nullopt;
  const auto ip = wire::ConstIpv4View::parse(ethernet->payload());
  if (!ip || ip->protocol() != service.protocol) return std::nullopt;
  const auto transport = wire::ConstTransportView::parse(*ip);
  if (!transport) return std::nullopt;
  const bool there =
      ip->destination() == service.vip && transport->destination_port() == service.port;
  const bool back = ip->source() == service.vip && transport->source_port() == service.port;
  if (there == back) return std::nullopt;
  Sighting seen{.to_service = there,
                .client = there ? Endpoint{ip->source(), transport->source_port()}
                                : Endpoint{ip->destination(), transport->destination_port()},
                .source = ethernet->source()};
  if (!transport->is_tcp()) return seen;
  seen.syn = transport->has_flag(wire::tcp_flag::kSyn);
  seen.reset = transport->has_flag(wire::tcp_flag::kRst);
  seen.sequence = transport->sequence();
  return seen;
}

/// A flow while it is being followed.
struct Followed {
  WireFlow flow;
  std::uint32_t sequence = 0;
};

/// The latest flow of this client's port, or end().
std::vector<Followed>::iterator latest(std::vector<Followed>& flows, const Endpoint& client) {
  const auto at = std::find_if(flows.rbegin(), flows.rend(), [&client](const Followed& followed) {
    return followed.flow.client == client;
  });
  return at == flows.rend() ? flows.end() : std::prev(at.base());
}

void note_request(std::vector<Followed>& flows, const Sighting& seen, bool tcp) {
  if (tcp && !seen.syn) return;
  const auto known = latest(flows, seen.client);
  if (known != flows.end() && known->sequence == seen.sequence) {
    ++known->flow.retransmits;
    return;
  }
  flows.push_back({.flow = {.client = seen.client, .reply_mac = {}}, .sequence = seen.sequence});
}

void note_reply(std::vector<Followed>& flows, const Sighting& seen) {
  const auto known = latest(flows, seen.client);
  if (known == flows.end() || known->flow.reply_mac) return;
  known->flow.reply_mac = seen.source;
  known->flow.reset = seen.reset;
}

}  // namespace

std::vector<WireFlow> follow_flows(std::span<const Frame> frames,
                                   std::span<const WireService> services) {
  std::vector<Followed> followed;
  for (const Frame& frame : frames)
    for (const WireService& service : services) {
      const auto seen = read_frame(frame, service);
      if (!seen) continue;
      if (seen->to_service)
        note_request(followed, *seen, service.protocol == Protocol::Tcp);
      else
        note_reply(followed, *seen);
      break;
    }
  std::vector<WireFlow> flows;
  flows.reserve(followed.size());
  for (const Followed& one : followed) flows.push_back(one.flow);
  return flows;
}

}  // namespace lvs::verify
