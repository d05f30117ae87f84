#include "net/linux/link_features.h"

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "net/linux/fd.h"

// ethtool's structures end in arrays whose length the kernel tells first, so each question is a
// buffer that begins with the structure.

namespace lvs::linux_net {
namespace {

constexpr std::uint32_t kMaxFeatures = 4096;

bool ask(const std::string& link, void* question) {
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  link.copy(std::begin(request.ifr_name), IFNAMSIZ - 1);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-union-access): ioctl's struct
  request.ifr_data = static_cast<char*>(question);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): ioctl's signature
  return socket && ::ioctl(socket.get(), SIOCETHTOOL, &request) == 0;
}

/// In words of 32 bits, for the kernel writes numbers: a structure, and `extra` bytes behind it.
template <typename Structure>
std::vector<std::uint32_t> question(const Structure& structure, std::size_t extra) {
  std::vector<std::uint32_t> words((sizeof structure + extra + 3) / 4);
  std::memcpy(words.data(), &structure, sizeof structure);
  return words;
}

std::optional<std::uint32_t> count_features(const std::string& link) {
  ethtool_sset_info info{};
  info.cmd = ETHTOOL_GSSET_INFO;
  info.sset_mask = std::uint64_t{1} << ETH_SS_FEATURES;
  std::vector<std::uint32_t> words = question(info, sizeof(std::uint32_t));
  if (!ask(link, words.data())) return std::nullopt;
  const std::uint32_t count = words[sizeof info / 4];
  if (count == 0 || count > kMaxFeatures) return std::nullopt;
  return count;
}

/// The bit that the kernel gives to the feature on this link.
std::optional<std::uint32_t> find_feature(const std::string& link, std::uint32_t count,
                                          const std::string& feature) {
  const ethtool_gstrings strings{ETHTOOL_GSTRINGS, ETH_SS_FEATURES, count};
  std::vector<std::uint32_t> words = question(strings, std::size_t{count} * ETH_GSTRING_LEN);
  if (!ask(link, words.data())) return std::nullopt;
  std::vector<char> names(std::size_t{count} * ETH_GSTRING_LEN);
  std::memcpy(names.data(), words.data() + sizeof strings / 4, names.size());
  for (std::uint32_t bit = 0; bit < count; ++bit) {
    const std::string_view name(names.data() + std::size_t{bit} * ETH_GSTRING_LEN, ETH_GSTRING_LEN);
    if (name.substr(0, name.find('\0')) == feature) return bit;
  }
  return std::nullopt;
}

}  // namespace

bool has_feature(const std::string& link, const std::string& feature) {
  const auto count = count_features(link);
  if (!count) return false;
  const auto bit = find_feature(link, *count, feature);
  if (!bit) return false;
  const std::uint32_t blocks = (*count + 31) / 32;
  // The head of struct ethtool_gfeatures, which clang cannot fill: it ends in an array without
  // size.
  const std::array<std::uint32_t, 2> features{ETHTOOL_GFEATURES, blocks};
  std::vector<std::uint32_t> words =
      question(features, blocks * sizeof(ethtool_get_features_block));
  if (!ask(link, words.data())) return false;
  ethtool_get_features_block block{};
  const std::size_t at = sizeof features + *bit / 32 * sizeof block;
  std::memcpy(&block, words.data() + at / 4, sizeof block);
  return (block.active >> (*bit % 32) & 1u) != 0;
}

}  // namespace lvs::linux_net
