#pragma once

#include <libnftnl/udata.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/linux/nftables.h"

// How sets of ours look to nf_tables. The kernel sees only key lengths; the type numbers and the
// user data are what nft(8) reads to print a set as a person would have written it.

namespace lvs::linux_net {

/// nft's numbers of its data types. A concatenation is six bits each, the first field on top.
inline constexpr std::uint32_t kNftIpv4Addr = 7;
inline constexpr std::uint32_t kNftIpv6Addr = 8;
inline constexpr std::uint32_t kNftInetProto = 12;
inline constexpr std::uint32_t kNftInetService = 13;
constexpr std::uint32_t nft_service_type(std::uint32_t address_type) {
  return kNftInetProto << 12 | address_type << 6 | kNftInetService;
}
inline constexpr std::uint32_t kNftServiceType = nft_service_type(kNftIpv4Addr);
inline constexpr std::uint32_t kNftService6Type = nft_service_type(kNftIpv6Addr);

/// A key: every field of a concatenation takes whole registers of four bytes, in network order.
inline constexpr std::size_t kRegisterBytes = 4;
constexpr std::size_t address_key_bytes(Family family) { return family == Family::Ipv4 ? 4 : 16; }
constexpr std::size_t service_key_bytes(Family family) {
  return kRegisterBytes + address_key_bytes(family) + kRegisterBytes;
}
using KeyBytes = std::vector<std::uint8_t>;

KeyBytes key_of(const ServiceTuple& service);
KeyBytes key_of(const IpAddr& address);
/// The length tells the family; nullopt: a length that is neither's.
std::optional<ServiceTuple> service_from_key(std::span<const std::uint8_t> key);
std::optional<IpAddr> address_from_key(std::span<const std::uint8_t> key);

/// libnftnl gives null for a text that is not there.
inline std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

struct FreeUserData {
  void operator()(nftnl_udata_buf* buffer) const { nftnl_udata_buf_free(buffer); }
};
using UserData = std::unique_ptr<nftnl_udata_buf, FreeUserData>;

/// A comment as nft writes it: one TLV of type `type` with the text and a NUL. At most
/// NFTNL_UDATA_COMMENT_MAXLEN bytes; the caller has checked that.
UserData comment_data(std::uint8_t type, std::string_view comment);
/// The comment in user data; empty when there is none.
std::string comment_in(std::span<const std::uint8_t> data, std::uint8_t type);

}  // namespace lvs::linux_net
