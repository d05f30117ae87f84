#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "profiles/core/read.h"

// A good profile, and ways to spoil one line of it.

namespace lvs::profiles {

inline constexpr std::string_view kGoodProfile = R"(name = "web"

[[service]]
vip = "192.168.1.99"
port = 80
method = "dr"
scheduler = "rr"
servers = ["rs1", { host = "rs2", weight = 3 }]

[host.lb1]
role = "director"
interface = "eth0"
address = "192.168.1.90/24"

[host.rs1]
role = "realserver"
interface = "eth0"
address = "192.168.1.91/24"

[host.rs2]
role = "realserver"
interface = "eth0"
address = "192.168.1.92/24"
)";

inline constexpr int kEnd = 24;   ///< behind the last line
inline constexpr int kNics = -1;  ///< in place of the interface and address of rs2

/// The good profile with another text in place of one line (from 1).
inline std::string spoiled(int line, std::string_view text) {
  std::string result;
  std::string_view rest = kGoodProfile;
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n') + 1;
    const bool is_replaced = number == line || (line == kNics && number == 22);
    const bool is_dropped = line == kNics && number == 23;
    if (is_replaced)
      result += std::string{text} + "\n";
    else if (!is_dropped)
      result += rest.substr(0, end);
    rest.remove_prefix(end);
  }
  if (line == kEnd) result += std::string{text} + "\n";
  return result;
}

/// A mistake in one line, and the one error that it must give.
struct BadProfile {
  const char* name = "";
  int line = 0;
  const char* text = "";
  Where where{};
  const char* message = "";
  const char* hint = "";
};

inline std::string name_of(const testing::TestParamInfo<BadProfile>& info) {
  return info.param.name;
}

inline void expect_the_one_error(const BadProfile& bad) {
  const ReadResult result = read_profile(spoiled(bad.line, bad.text), "web.toml");
  std::string all;
  for (const ProfileError& error : result.errors) all += to_string(error);
  ASSERT_EQ(result.errors.size(), 1U) << all;
  EXPECT_EQ(result.errors[0].where, bad.where) << all;
  EXPECT_EQ(result.errors[0].message, bad.message);
  EXPECT_EQ(result.errors[0].hint, bad.hint);
}

}  // namespace lvs::profiles
