#include "verify/core/arp_claims.h"

#include "net/wire/arp.h"
#include "net/wire/ethernet.h"

namespace lvs::verify {
namespace {

std::optional<wire::ConstArpView> read_arp(std::span<const std::uint8_t> frame) {
  const auto ethernet = wire::ConstEthernetView::parse(frame);
  if (!ethernet || ethernet->type() != wire::EtherType::Arp) return std::nullopt;
  return wire::ConstArpView::parse(ethernet->payload());
}

ClaimKind kind_of(const wire::ConstArpView& arp) {
  if (arp.is_announcement()) return ClaimKind::Announcement;
  if (arp.operation() == wire::ArpOperation::Request) return ClaimKind::Request;
  return arp.target_ip() == Ipv4Addr{} ? ClaimKind::ReplyToZero : ClaimKind::ReplyToOwn;
}

}  // namespace

std::optional<Claim> read_claim(std::span<const std::uint8_t> frame, Ipv4Addr vip) {
  const auto arp = read_arp(frame);
  if (!arp || arp->sender_ip() != vip) return std::nullopt;
  return Claim{.mac = arp->sender_mac(), .kind = kind_of(*arp)};
}

std::optional<MacAddr> read_reply(std::span<const std::uint8_t> frame, Ipv4Addr wanted) {
  const auto arp = read_arp(frame);
  if (!arp || arp->operation() != wire::ArpOperation::Reply || arp->sender_ip() != wanted)
    return std::nullopt;
  return arp->sender_mac();
}

}  // namespace lvs::verify
