// The profile reader takes any bytes. Whatever they are, it ends, every error stands inside the
// text, and a profile without errors keeps what the rest of the project relies on.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "profiles/core/read.h"

namespace {

using namespace lvs::profiles;

std::string_view line_of(std::string_view text, std::uint32_t number) {
  for (; number > 1; --number) {
    const std::size_t end = text.find('\n');
    assert(end != std::string_view::npos);
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

void expect_inside(const ProfileError& error, std::string_view text) {
  assert(error.where.line >= 1 && error.where.column >= 1);
  assert(error.where.column <= line_of(text, error.where.line).size() + 1);
  assert(!error.message.empty());
  assert(!to_string(error).empty());
}

bool is_before(Where a, Where b) {
  return a.line != b.line ? a.line < b.line : a.column < b.column;
}

void expect_sound(const Profile& profile) {
  assert(!profile.name.empty() && !profile.services.empty() && !profile.hosts.empty());
  for (const Host& host : profile.hosts) {
    assert(!host.roles.empty() && !host.nics.empty());
    for (const Nic& nic : host.nics) assert(!nic.name.empty() && !nic.addresses.empty());
  }
  for (const ServiceEntry& entry : profile.services)
    assert(!entry.servers.empty() && (entry.mark || (!entry.vips.empty() && !entry.ports.empty())));
  assert(std::any_of(profile.hosts.begin(), profile.hosts.end(),
                     [](const Host& host) { return host.has(Role::Director); }));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const ReadResult result = read_profile(text, "fuzz.toml");
  for (const ProfileError& error : result.errors) expect_inside(error, text);
  const bool is_in_order = std::is_sorted(
      result.errors.begin(), result.errors.end(),
      [](const ProfileError& a, const ProfileError& b) { return is_before(a.where, b.where); });
  assert(is_in_order);
  if (result.errors.empty()) expect_sound(result.profile);
  return 0;
}
