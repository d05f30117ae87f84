#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "net/wire/addr.h"

namespace lvs::profiles {

inline constexpr std::uint32_t kMainTable = 254;
inline constexpr std::uint8_t kUnicastRoute = 1;

struct RouteFact {
  Prefix destination{};
  std::string link;  ///< empty for a route that leaves by none (blackhole …)
  std::optional<IpAddr> gateway;
  std::uint32_t table = kMainTable;
  std::uint8_t protocol = 0;
  std::uint8_t scope = 0;
  std::uint8_t type = kUnicastRoute;
  std::uint32_t metric = 0;
  std::uint8_t tos = 0;
  friend bool operator==(const RouteFact&, const RouteFact&) = default;
};

std::string describe(const RouteFact& route);
std::string identity(const RouteFact& route);
/// True for what the kernel cannot hold side by side when it is asked to add with NLM_F_EXCL.
bool same_place(const RouteFact& a, const RouteFact& b);
bool is_as_made(const RouteFact& present, const RouteFact& made);
bool serves(const RouteFact& present, const RouteFact& wanted);

}  // namespace lvs::profiles
