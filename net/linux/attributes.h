#pragma once

#include <libmnl/libmnl.h>
#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "net/wire/addr.h"

namespace lvs::linux_net {

/// The attributes of one netlink message or nest, by type. What the kernel sends is checked like
/// any other input: an attribute that does not fit, or is shorter than what is asked of it, is
/// absent.
class Attributes {
 public:
  using Bytes = std::span<const std::uint8_t>;

  /// Bounded by the bytes given; where a type is there twice, the last one counts, as in the
  /// kernel.
  explicit Attributes(Bytes bytes);
  /// The attributes that follow the fixed part of a message; none when the message is too short.
  static Attributes of(const nlmsghdr& message, std::size_t fixed_size);

  std::optional<Bytes> bytes(std::uint16_t type) const;
  std::optional<std::uint8_t> u8(std::uint16_t type) const { return number<std::uint8_t>(type); }
  std::optional<std::uint16_t> u16(std::uint16_t type) const { return number<std::uint16_t>(type); }
  std::optional<std::uint32_t> u32(std::uint16_t type) const { return number<std::uint32_t>(type); }
  /// Up to the first NUL, or all of it.
  std::optional<std::string> text(std::uint16_t type) const;
  /// 4 bytes are IPv4, 16 are IPv6.
  std::optional<IpAddr> addr(std::uint16_t type) const;
  std::optional<MacAddr> mac(std::uint16_t type) const;
  /// The attributes inside; none when it is absent.
  Attributes nest(std::uint16_t type) const;

 private:
  struct Entry {
    std::uint16_t type = 0;
    Bytes value;
  };

  template <typename Number>
  std::optional<Number> number(std::uint16_t type) const {
    static_assert(std::is_unsigned_v<Number>);
    const std::optional<Bytes> value = bytes(type);
    if (!value || value->size() < sizeof(Number)) return std::nullopt;
    Number result = 0;
    std::memcpy(&result, value->data(), sizeof result);
    return result;
  }

  std::vector<Entry> entries_;
};

/// An address from its octets; nullopt when they are neither 4 nor 16.
std::optional<IpAddr> addr_from_octets(std::span<const std::uint8_t> octets);

/// The fixed part behind the header; nullopt when the message is too short for it.
template <typename FixedPart>
std::optional<FixedPart> fixed_part(const nlmsghdr& message) {
  static_assert(std::is_trivially_copyable_v<FixedPart>);
  if (message.nlmsg_len < NLMSG_HDRLEN + sizeof(FixedPart)) return std::nullopt;
  FixedPart part{};
  std::memcpy(&part, mnl_nlmsg_get_payload(&message), sizeof part);
  return part;
}

}  // namespace lvs::linux_net
