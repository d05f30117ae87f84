#include "net/linux/attributes.h"

#include <algorithm>
#include <array>

namespace lvs::linux_net {

Attributes::Attributes(Bytes bytes) {
  while (bytes.size() >= sizeof(nlattr)) {
    nlattr head{};
    std::memcpy(&head, bytes.data(), sizeof head);
    if (head.nla_len < sizeof head || head.nla_len > bytes.size()) return;
    entries_.push_back({static_cast<std::uint16_t>(head.nla_type & NLA_TYPE_MASK),
                        bytes.subspan(sizeof head, head.nla_len - sizeof head)});
    const std::size_t aligned = (std::size_t{head.nla_len} + 3) & ~std::size_t{3};
    bytes = bytes.subspan(std::min(aligned, bytes.size()));
  }
}

Attributes Attributes::of(const nlmsghdr& message, std::size_t fixed_size) {
  const std::size_t before = NLMSG_HDRLEN + ((fixed_size + 3) & ~std::size_t{3});
  if (message.nlmsg_len <= before) return Attributes(Bytes{});
  const auto* start =
      static_cast<const std::uint8_t*>(static_cast<const void*>(&message));  // the message's bytes
  return Attributes(Bytes{start, message.nlmsg_len}.subspan(before));
}

std::optional<Attributes::Bytes> Attributes::bytes(std::uint16_t type) const {
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(),
                                  [type](const Entry& entry) { return entry.type == type; });
  if (found == entries_.rend()) return std::nullopt;
  return found->value;
}

std::optional<std::string> Attributes::text(std::uint16_t type) const {
  const std::optional<Bytes> value = bytes(type);
  if (!value) return std::nullopt;
  return std::string(value->begin(), std::find(value->begin(), value->end(), std::uint8_t{0}));
}

std::optional<IpAddr> Attributes::addr(std::uint16_t type) const {
  const std::optional<Bytes> value = bytes(type);
  return value ? addr_from_octets(*value) : std::nullopt;
}

std::optional<MacAddr> Attributes::mac(std::uint16_t type) const {
  const std::optional<Bytes> value = bytes(type);
  std::array<std::uint8_t, 6> octets{};
  if (!value || value->size() != octets.size()) return std::nullopt;
  std::ranges::copy(*value, octets.begin());
  return MacAddr{octets};
}

Attributes Attributes::nest(std::uint16_t type) const {
  return Attributes(bytes(type).value_or(Bytes{}));
}

std::optional<IpAddr> addr_from_octets(std::span<const std::uint8_t> octets) {
  if (octets.size() == 4) return Ipv4Addr(octets[0], octets[1], octets[2], octets[3]);
  std::array<std::uint8_t, 16> all{};
  if (octets.size() != all.size()) return std::nullopt;
  std::ranges::copy(octets, all.begin());
  return Ipv6Addr{all};
}

}  // namespace lvs::linux_net
