// Memory that packets will need, loaded before they are judged.

#include "director/core/engine_parts.h"
#include "director/core/peek.h"

namespace lvs::director {
namespace {

/// Places are told with their family in the top bit and one more than the bucket, so that 0 is
/// none.
constexpr std::uint64_t kOfIpv6 = std::uint64_t{1} << 63u;

template <typename Addr>
std::uint64_t start(const LiveTables& tables, const std::optional<FlowKey<Addr>>& flow) {
  if (!flow) return 0;
  return tables.connections<Addr>().prefetch(*flow).bucket + 1;
}

}  // namespace

Engine::Ahead Engine::look_ahead(const Frame& frame) const {
  const auto ethernet = wire::ConstEthernetView::parse(frame.bytes);
  if (!ethernet || ethernet->is_tagged()) return {};
  if (ethernet->type() == wire::EtherType::Ipv4)
    return {start(parts_->tables, peek_ipv4(ethernet->payload()))};
  if (ethernet->type() != wire::EtherType::Ipv6) return {};
  const std::uint64_t place = start(parts_->tables, peek_ipv6(ethernet->payload()));
  return {place == 0 ? 0 : place | kOfIpv6};
}

void Engine::load_ahead(Ahead ahead) const {
  if (ahead.place == 0) return;
  const std::size_t bucket = (ahead.place & ~kOfIpv6) - 1;
  if ((ahead.place & kOfIpv6) != 0) {
    parts_->tables.connections<Ipv6Addr>().prefetch_record({bucket});
  } else {
    parts_->tables.connections<Ipv4Addr>().prefetch_record({bucket});
  }
}

}  // namespace lvs::director
