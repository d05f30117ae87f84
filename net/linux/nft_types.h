#pragma once

#include <libnftnl/udata.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/linux/nftables.h"

// How sets of ours look to nf_tables. The kernel sees only key lengths; the type numbers and the
// user data are what nft(8) reads to print a set as a person would have written it.

namespace lvs::linux_net {

/// nft's numbers of its data types. A concatenation is six bits each, the first field on top.
inline constexpr std::uint32_t kNftIpv4Addr = 7;
inline constexpr std::uint32_t kNftInetProto = 12;
inline constexpr std::uint32_t kNftInetService = 13;
inline constexpr std::uint32_t kNftServiceType =
    kNftInetProto << 12 | kNftIpv4Addr << 6 | kNftInetService;

/// A key: every field of a concatenation takes whole registers of four bytes, in network order.
inline constexpr std::size_t kServiceKeyBytes = 12;
inline constexpr std::size_t kAddressKeyBytes = 4;
using ServiceKeyBytes = std::array<std::uint8_t, kServiceKeyBytes>;
using AddressKeyBytes = std::array<std::uint8_t, kAddressKeyBytes>;

ServiceKeyBytes key_of(const ServiceTuple& service);
AddressKeyBytes key_of(Ipv4Addr address);
/// nullopt: another length.
std::optional<ServiceTuple> service_from_key(std::span<const std::uint8_t> key);
std::optional<Ipv4Addr> address_from_key(std::span<const std::uint8_t> key);

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
