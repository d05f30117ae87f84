#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

// Freestanding: this header also compiles for BPF. Text forms are in net/wire/addr_text.h.

namespace lvs {

/// An IPv4 address. Kept as a number so it can be compared, masked and hashed; byte order is a
/// property of the wire, so it exists only in net/wire/bytes.h.
class Ipv4Addr {
 public:
  constexpr Ipv4Addr() = default;
  constexpr explicit Ipv4Addr(std::uint32_t number) : number_(number) {}
  constexpr Ipv4Addr(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d)
      : number_(std::uint32_t{a} << 24 | std::uint32_t{b} << 16 | std::uint32_t{c} << 8 | d) {}

  constexpr std::uint32_t number() const { return number_; }
  friend constexpr auto operator<=>(Ipv4Addr, Ipv4Addr) = default;

 private:
  std::uint32_t number_ = 0;
};

/// An IPv6 address: its sixteen octets in the order in which they are written.
class Ipv6Addr {
 public:
  constexpr Ipv6Addr() = default;
  constexpr explicit Ipv6Addr(const std::array<std::uint8_t, 16>& octets) : octets_(octets) {}

  constexpr const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  friend constexpr auto operator<=>(const Ipv6Addr&, const Ipv6Addr&) = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
};

enum class Family : std::uint8_t { Ipv4 = 4, Ipv6 = 6 };

/// An address of either family. IPv4 sorts before IPv6.
class IpAddr {
 public:
  constexpr IpAddr() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): an Ipv4Addr is an IpAddr
  constexpr IpAddr(Ipv4Addr addr) : v4_(addr) {}
  // NOLINTNEXTLINE(google-explicit-constructor): an Ipv6Addr is an IpAddr
  constexpr IpAddr(const Ipv6Addr& addr) : family_(Family::Ipv6), v6_(addr) {}

  constexpr Family family() const { return family_; }
  constexpr bool is_v4() const { return family_ == Family::Ipv4; }
  /// The IPv4 address; 0.0.0.0 when this is an IPv6 one.
  constexpr Ipv4Addr v4() const { return v4_; }
  /// The IPv6 address; :: when this is an IPv4 one.
  constexpr const Ipv6Addr& v6() const { return v6_; }
  /// 32 or 128: the prefix length of this one address alone.
  constexpr std::uint8_t bits() const { return is_v4() ? 32 : 128; }

  friend constexpr auto operator<=>(const IpAddr&, const IpAddr&) = default;

 private:
  Family family_ = Family::Ipv4;
  Ipv4Addr v4_{};
  Ipv6Addr v6_{};
};

/// An address with a prefix length. The host bits are kept: an interface's address is one of these
/// ("192.168.1.91/24"), and network() gives the network that it lies in.
struct Prefix {
  IpAddr addr{};
  std::uint8_t length = 0;  ///< 0 to addr.bits()

  /// True when `other` is of the same family and agrees in the first `length` bits.
  constexpr bool contains(const IpAddr& other) const;
  /// The same length with all host bits zero.
  constexpr Prefix network() const;

  friend constexpr auto operator<=>(const Prefix&, const Prefix&) = default;
};

/// An Ethernet address.
class MacAddr {
 public:
  constexpr MacAddr() = default;
  constexpr explicit MacAddr(const std::array<std::uint8_t, 6>& octets) : octets_(octets) {}

  constexpr const std::array<std::uint8_t, 6>& octets() const { return octets_; }
  constexpr bool is_multicast() const { return (octets_[0] & 1u) != 0; }
  static constexpr MacAddr broadcast() { return MacAddr{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}; }
  friend constexpr auto operator<=>(const MacAddr&, const MacAddr&) = default;

 private:
  std::array<std::uint8_t, 6> octets_{};
};

/// A TCP, UDP or SCTP port. Port{80}, never a bare integer in a signature.
struct Port {
  std::uint16_t number = 0;
  friend constexpr auto operator<=>(Port, Port) = default;
};

/// An IP protocol number (IANA). Any other number may appear on the wire.
enum class Protocol : std::uint8_t {
  Icmp = 1,
  IpIp = 4,
  Tcp = 6,
  Udp = 17,
  Ipv6 = 41,
  Gre = 47,
  Icmpv6 = 58,
  Vrrp = 112,
  Sctp = 132,
};

namespace detail {
constexpr std::uint32_t mask_of(std::uint8_t length) {
  return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
}
constexpr Ipv6Addr masked(const Ipv6Addr& addr, std::uint8_t length) {
  std::array<std::uint8_t, 16> octets = addr.octets();
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const std::size_t first_bit = i * 8;
    if (first_bit + 8 <= length) continue;
    const unsigned keep = first_bit >= length ? 0u : static_cast<unsigned>(length - first_bit);
    octets[i] = static_cast<std::uint8_t>(octets[i] & (0xff00u >> keep));
  }
  return Ipv6Addr{octets};
}
}  // namespace detail

constexpr Prefix Prefix::network() const {
  if (addr.is_v4()) return {Ipv4Addr{addr.v4().number() & detail::mask_of(length)}, length};
  return {detail::masked(addr.v6(), length), length};
}

constexpr bool Prefix::contains(const IpAddr& other) const {
  return other.family() == addr.family() && Prefix{other, length}.network() == network();
}

}  // namespace lvs
