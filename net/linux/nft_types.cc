#include "net/linux/nft_types.h"

#include <algorithm>

namespace lvs::linux_net {
namespace {

/// Room for any comment: the kernel takes no more user data than this (NFT_USERDATA_MAXLEN).
constexpr std::uint32_t kUserDataBytes = 256;

}  // namespace

AddressKeyBytes key_of(Ipv4Addr address) {
  const std::uint32_t n = address.number();
  return {static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
          static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
}

ServiceKeyBytes key_of(const ServiceTuple& service) {
  ServiceKeyBytes key{};
  key[0] = static_cast<std::uint8_t>(service.protocol);
  std::ranges::copy(key_of(service.addr), key.begin() + 4);
  key[8] = static_cast<std::uint8_t>(service.port.number >> 8);
  key[9] = static_cast<std::uint8_t>(service.port.number);
  return key;
}

std::optional<Ipv4Addr> address_from_key(std::span<const std::uint8_t> key) {
  if (key.size() != kAddressKeyBytes) return std::nullopt;
  return Ipv4Addr(key[0], key[1], key[2], key[3]);
}

std::optional<ServiceTuple> service_from_key(std::span<const std::uint8_t> key) {
  if (key.size() != kServiceKeyBytes) return std::nullopt;
  return ServiceTuple{Protocol{key[0]}, Ipv4Addr(key[4], key[5], key[6], key[7]),
                      Port{static_cast<std::uint16_t>(key[8] << 8 | key[9])}};
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
