#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "net/wire/addr.h"
#include "net/wire/bytes.h"
#include "net/wire/ethernet.h"

// ARP for IPv4 over Ethernet (RFC 826, RFC 5227). Freestanding.

namespace lvs::wire {

/// Any other number may appear on the wire.
enum class ArpOperation : std::uint16_t { Request = 1, Reply = 2 };

namespace arp_field {
inline constexpr std::size_t kHardware = 0, kProtocol = 2, kHardwareLength = 4, kProtocolLength = 5,
                             kOperation = 6, kSenderMac = 8, kSenderIp = 14, kTargetMac = 18,
                             kTargetIp = 24, kBytes = 28;
}

/// A checked window onto an ARP packet (what follows the Ethernet header).
template <Byte B>
class BasicArpView {
 public:
  /// nullopt: too short, or not about IPv4 over Ethernet.
  static constexpr std::optional<BasicArpView> parse(std::span<B> buffer) {
    using namespace arp_field;
    if (buffer.size() < kBytes) return std::nullopt;
    const bool ethernet = load_be16(buffer, kHardware) == 1 && buffer[kHardwareLength] == 6;
    const bool ipv4 =
        EtherType{load_be16(buffer, kProtocol)} == EtherType::Ipv4 && buffer[kProtocolLength] == 4;
    if (!ethernet || !ipv4) return std::nullopt;
    return BasicArpView{buffer.first(kBytes)};
  }

  constexpr ArpOperation operation() const {
    return ArpOperation{load_be16(bytes_, arp_field::kOperation)};
  }
  constexpr MacAddr sender_mac() const { return load_mac(bytes_, arp_field::kSenderMac); }
  constexpr Ipv4Addr sender_ip() const { return Ipv4Addr{load_be32(bytes_, arp_field::kSenderIp)}; }
  constexpr MacAddr target_mac() const { return load_mac(bytes_, arp_field::kTargetMac); }
  constexpr Ipv4Addr target_ip() const { return Ipv4Addr{load_be32(bytes_, arp_field::kTargetIp)}; }
  /// True when the sender tells its own address to all (RFC 5227, 3): sender and target are one.
  constexpr bool is_announcement() const { return sender_ip() == target_ip(); }

 private:
  constexpr explicit BasicArpView(std::span<B> bytes) : bytes_(bytes) {}

  std::span<B> bytes_;
};

using ArpView = BasicArpView<std::uint8_t>;
using ConstArpView = BasicArpView<const std::uint8_t>;

/// A whole Ethernet frame.
using ArpFrame = std::array<std::uint8_t, kEthernetHeader + arp_field::kBytes>;

struct ArpFields {
  MacAddr ethernet_destination{};
  ArpOperation operation = ArpOperation::Request;
  MacAddr sender_mac{};
  Ipv4Addr sender_ip{};
  MacAddr target_mac{};
  Ipv4Addr target_ip{};
};

constexpr ArpFrame make_arp(const ArpFields& fields) {
  using namespace arp_field;
  ArpFrame frame{};
  store_ethernet(frame, fields.ethernet_destination, fields.sender_mac, EtherType::Arp);
  const MutableBytes arp = MutableBytes{frame}.subspan(kEthernetHeader);
  store_be16(arp, kHardware, 1);
  store_be16(arp, kProtocol, static_cast<std::uint16_t>(EtherType::Ipv4));
  arp[kHardwareLength] = 6;
  arp[kProtocolLength] = 4;
  store_be16(arp, kOperation, static_cast<std::uint16_t>(fields.operation));
  store_mac(arp, kSenderMac, fields.sender_mac);
  store_be32(arp, kSenderIp, fields.sender_ip.number());
  store_mac(arp, kTargetMac, fields.target_mac);
  store_be32(arp, kTargetIp, fields.target_ip.number());
  return frame;
}

/// "Who has `wanted`? Tell `sender`", to all.
constexpr ArpFrame make_arp_request(const MacAddr& mac, Ipv4Addr sender, Ipv4Addr wanted) {
  return make_arp({.ethernet_destination = MacAddr::broadcast(),
                   .sender_mac = mac,
                   .sender_ip = sender,
                   .target_ip = wanted});
}

/// A question that claims nothing: the sender's address is 0.0.0.0 (RFC 5227, 1.1).
constexpr ArpFrame make_arp_probe(const MacAddr& mac, Ipv4Addr wanted) {
  return make_arp_request(mac, Ipv4Addr{}, wanted);
}

/// "`owned` is at `mac`", to all: the gratuitous request of RFC 5227, 3.
constexpr ArpFrame make_arp_announcement(const MacAddr& mac, Ipv4Addr owned) {
  return make_arp_request(mac, owned, owned);
}

/// "`sender` is at `mac`", to the one who asked.
constexpr ArpFrame make_arp_reply(const MacAddr& mac, Ipv4Addr sender, const MacAddr& asker_mac,
                                  Ipv4Addr asker) {
  return make_arp({.ethernet_destination = asker_mac,
                   .operation = ArpOperation::Reply,
                   .sender_mac = mac,
                   .sender_ip = sender,
                   .target_mac = asker_mac,
                   .target_ip = asker});
}

}  // namespace lvs::wire
