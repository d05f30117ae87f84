#include "profiles/io/firewall/nft_register.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace lvs::profiles {
namespace {

using linux_net::NftExpression;
using Bytes = std::vector<std::uint8_t>;
using Form = RegisterForm;

/// A field of a header, by where it stands.
struct HeaderField {
  std::uint32_t offset;
  std::uint32_t size;
  FilterField field;
};
constexpr std::array kIpv4Header{HeaderField{9, 1, FilterField::Protocol},
                                 HeaderField{12, 4, FilterField::Source},
                                 HeaderField{16, 4, FilterField::Destination}};
constexpr std::array kIpv6Header{HeaderField{6, 1, FilterField::Protocol},
                                 HeaderField{8, 16, FilterField::Source},
                                 HeaderField{24, 16, FilterField::Destination}};

template <typename Fields>
Loaded loaded_field(const Fields& fields, const NftExpression& load) {
  for (const HeaderField& field : fields) {
    if (field.offset != load.offset) continue;
    if (load.length <= field.size) return {field.field, Form::Plain, field.size};
    // nft loads neighbours at once: `ip saddr A ip daddr B` is one load of eight bytes.
    if (field.field == FilterField::Source && load.length == 2 * field.size)
      return {field.field, Form::Plain, field.size, {}, FilterField::Destination, field.size};
  }
  return {};
}

}  // namespace

std::uint32_t host_number(const Bytes& bytes) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), std::min(bytes.size(), sizeof number));
  return number;
}

Loaded loaded_meta(std::uint32_t key) {
  switch (key) {
    case NFT_META_L4PROTO:
      return {FilterField::Protocol, Form::Plain, 1};
    case NFT_META_NFPROTO:
      return {FilterField::Family, Form::NfProto, 1};
    case NFT_META_PROTOCOL:
      return {FilterField::Family, Form::EtherType, 2};
    case NFT_META_IIFNAME:
      return {FilterField::InLink, Form::LinkName, 16};
    case NFT_META_OIFNAME:
      return {FilterField::OutLink, Form::LinkName, 16};
    case NFT_META_IIF:
      return {FilterField::InLink, Form::LinkNumber, 4};
    case NFT_META_OIF:
      return {FilterField::OutLink, Form::LinkNumber, 4};
    default:
      return {};
  }
}

Loaded loaded_header(const NftExpression& load, std::uint8_t family) {
  if (load.key == NFT_PAYLOAD_TRANSPORT_HEADER) {
    if (load.offset == 2 && load.length == 2) return {FilterField::DestinationPort, Form::Plain, 2};
    if (load.offset == 0 && load.length == 4)
      return {FilterField::Unknown, Form::Plain, 2, {}, FilterField::DestinationPort, 2};
    return {};
  }
  if (load.key != NFT_PAYLOAD_NETWORK_HEADER) return {};
  if (family == NFPROTO_IPV4) return loaded_field(kIpv4Header, load);
  return family == NFPROTO_IPV6 ? loaded_field(kIpv6Header, load) : Loaded{};
}

std::optional<FilterRange> range_from(const Loaded& loaded, Bytes first) {
  if (first.size() > loaded.whole) return std::nullopt;
  Bytes last = first;
  first.resize(loaded.whole, 0);
  last.resize(loaded.whole, 0xff);
  bool in_tail = false;
  for (std::size_t bit = 0; bit < loaded.mask.size() * 8 && bit < last.size() * 8; ++bit) {
    const auto one = static_cast<std::uint8_t>(0x80U >> bit % 8);
    const bool kept = (loaded.mask[bit / 8] & one) != 0;
    if (kept && in_tail) return std::nullopt;  // not a prefix
    in_tail = !kept;
    if (in_tail) last[bit / 8] = static_cast<std::uint8_t>(last[bit / 8] | one);
  }
  return FilterRange{std::move(first), std::move(last)};
}

std::optional<FilterRange> family_range(const Loaded& loaded, const Bytes& value) {
  const bool is_number = loaded.form == Form::NfProto;
  const Bytes v4 = is_number ? Bytes{NFPROTO_IPV4} : Bytes{0x08, 0x00};
  const Bytes v6 = is_number ? Bytes{NFPROTO_IPV6} : Bytes{0x86, 0xdd};
  if (value == v4) return one_value({4});
  if (value == v6) return one_value({6});
  return one_value({0});  // neither
}

std::string link_pattern(const Bytes& value) {
  const auto end = std::ranges::find(value, std::uint8_t{0});
  std::string name(value.begin(), end);
  return end == value.end() ? name + '*' : name;
}

}  // namespace lvs::profiles
