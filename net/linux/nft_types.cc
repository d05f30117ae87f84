#include "net/linux/nft_types.h"

#include <algorithm>
#include <array>

namespace lvs::linux_net {
namespace {

/// Room for any comment: the kernel takes no more user data than this (NFT_USERDATA_MAXLEN).
constexpr std::uint32_t kUserDataBytes = 256;

}  // namespace

KeyBytes key_of(const IpAddr& address) {
  if (!address.is_v4()) return {address.v6().octets().begin(), address.v6().octets().end()};
  const std::uint32_t n = address.v4().number();
  return {static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
          static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
}

KeyBytes key_of(const ServiceTuple& service) {
  const KeyBytes address = key_of(service.addr);
  KeyBytes key(service_key_bytes(service.addr.family()));
  key[0] = static_cast<std::uint8_t>(service.protocol);
  std::ranges::copy(address, key.begin() + kRegisterBytes);
  const std::size_t port = kRegisterBytes + address.size();
  key[port] = static_cast<std::uint8_t>(service.port.number >> 8);
  key[port + 1] = static_cast<std::uint8_t>(service.port.number);
  return key;
}

std::optional<IpAddr> address_from_key(std::span<const std::uint8_t> key) {
  if (key.size() == address_key_bytes(Family::Ipv4))
    return Ipv4Addr(key[0], key[1], key[2], key[3]);
  if (key.size() != address_key_bytes(Family::Ipv6)) return std::nullopt;
  std::array<std::uint8_t, 16> octets{};
  std::ranges::copy(key, octets.begin());
  return Ipv6Addr{octets};
}

std::optional<ServiceTuple> service_from_key(std::span<const std::uint8_t> key) {
  if (key.size() < service_key_bytes(Family::Ipv4)) return std::nullopt;
  const std::size_t port = key.size() - kRegisterBytes;
  const auto address = address_from_key(key.subspan(kRegisterBytes, port - kRegisterBytes));
  if (!address) return std::nullopt;
  return ServiceTuple{Protocol{key[0]}, *address,
                      Port{static_cast<std::uint16_t>(key[port] << 8 | key[port + 1])}};
}

UserData comment_data(std::uint8_t type, std::string_view comment) {
  UserData data(nftnl_udata_buf_alloc(kUserDataBytes));
  nftnl_udata_put_strz(data.get(), type, std::string(comment).c_str());
  return data;
}

std::string comment_in(std::span<const std::uint8_t> data, std::uint8_t type) {
  // Type and length are a byte each. Somebody else may have written this: nothing is believed.
  while (data.size() >= 2) {
    const std::size_t length = data[1];
    if (length > data.size() - 2) return {};
    const auto value = data.subspan(2, length);
    if (data[0] == type) return {value.begin(), std::ranges::find(value, std::uint8_t{0})};
    data = data.subspan(2 + length);
  }
  return {};
}

}  // namespace lvs::linux_net
