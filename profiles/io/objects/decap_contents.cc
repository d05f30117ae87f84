#include "profiles/io/objects/decap_contents.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "profiles/bpf/decap_maps.h"

namespace lvs::profiles {
namespace {

using Bytes = std::vector<std::uint8_t>;
using linux_net::MapContents;
using linux_net::MapEntry;

template <typename Plain>
Bytes bytes_of(const Plain& value) {
  Bytes bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

template <typename Plain>
std::optional<Plain> plain_from(const Bytes& bytes) {
  Plain value{};
  if (bytes.size() != sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

bpf::AddressKey key_of(const IpAddr& addr) {
  bpf::AddressKey key;
  key.family = static_cast<std::uint8_t>(addr.family());
  if (addr.is_v4()) {
    for (unsigned i = 0; i < 4; ++i)
      key.octets[i] = static_cast<std::uint8_t>(addr.v4().number() >> (24 - 8 * i));
  } else {
    key.octets = addr.v6().octets();
  }
  return key;
}

std::optional<IpAddr> addr_from(const bpf::AddressKey& key) {
  const auto& octets = key.octets;
  if (key.family == 4) return Ipv4Addr{octets[0], octets[1], octets[2], octets[3]};
  if (key.family == 6) return Ipv6Addr{octets};
  return std::nullopt;
}

std::uint8_t number_of(TunnelType type) {
  if (type == TunnelType::Gue) return bpf::kGue;
  return type == TunnelType::Gre ? bpf::kGre : bpf::kIpip;
}

std::optional<DecapTarget> target_from(const MapEntry& entry) {
  const auto key = plain_from<bpf::TargetKey>(entry.key);
  if (!key || key->type > bpf::kGre) return std::nullopt;
  const std::optional<IpAddr> outer = addr_from(key->outer);
  if (!outer) return std::nullopt;
  for (const TunnelType type : {TunnelType::Gue, TunnelType::Gre})
    if (number_of(type) == key->type) return DecapTarget{*outer, type, Port{key->port}};
  return DecapTarget{*outer, TunnelType::Ipip, Port{key->port}};
}

const std::vector<MapEntry>* list_in(const MapContents& contents, const std::string& name) {
  const auto found = contents.find(name);
  return found == contents.end() ? nullptr : &found->second;
}

std::optional<std::string> profile_in(const MapContents& contents) {
  const auto* const list = list_in(contents, "about");
  if (list == nullptr || list->size() != 1) return std::nullopt;
  const auto about = plain_from<bpf::About>(list->front().value);
  if (!about || about->version != bpf::kMapsVersion) return std::nullopt;
  const auto* const end = std::ranges::find(about->profile, '\0');
  return std::string(about->profile.begin(), end);
}

}  // namespace

Result<MapContents> contents_of(const DecapFilter& filter, std::uint32_t link_header) {
  const DecapRules& rules = filter.rules;
  if (rules.targets.size() > bpf::kMaxTargets || rules.vips.size() > bpf::kMaxVips)
    return fail("a decapsulating program takes at most " + std::to_string(bpf::kMaxTargets) +
                    " targets and " + std::to_string(bpf::kMaxVips) + " VIPs; these are " +
                    std::to_string(rules.targets.size()) + " and " +
                    std::to_string(rules.vips.size()),
                E2BIG);
  bpf::About about{bpf::kMapsVersion, link_header, {}};
  if (filter.profile.size() >= about.profile.size())
    return fail("the profile's name " + filter.profile + " is too long", E2BIG);
  std::ranges::copy(filter.profile, about.profile.begin());

  const Bytes present{1};
  MapContents contents;
  contents["about"].push_back({bytes_of(std::uint32_t{0}), bytes_of(about)});
  for (const DecapTarget& target : rules.targets)
    contents["targets"].push_back(
        {bytes_of(bpf::TargetKey{number_of(target.type), key_of(target.outer), target.port.number}),
         present});
  for (const IpAddr& vip : rules.vips) contents["vips"].push_back({bytes_of(key_of(vip)), present});
  return contents;
}

std::optional<DecapFilter> filter_from(const std::string& link, const MapContents& contents) {
  const std::optional<std::string> profile = profile_in(contents);
  const auto* const targets = list_in(contents, "targets");
  const auto* const vips = list_in(contents, "vips");
  if (!profile || targets == nullptr || vips == nullptr) return std::nullopt;
  DecapFilter filter{link, *profile, {}};
  for (const MapEntry& entry : *targets)
    if (const auto target = target_from(entry)) filter.rules.targets.push_back(*target);
  for (const MapEntry& entry : *vips) {
    const auto key = plain_from<bpf::AddressKey>(entry.key);
    const auto vip = key ? addr_from(*key) : std::nullopt;
    if (vip) filter.rules.vips.push_back(*vip);
  }
  std::ranges::sort(filter.rules.vips);
  std::ranges::sort(filter.rules.targets, {}, [](const DecapTarget& target) {
    return std::tuple{target.outer, target.type, target.port};
  });
  return filter;
}

}  // namespace lvs::profiles
