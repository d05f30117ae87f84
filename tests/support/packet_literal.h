#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace lvs::test {

namespace detail {
/// Text of a literal as a template parameter.
template <std::size_t N>
struct HexText {
  char text[N] = {};
  // NOLINTNEXTLINE(google-explicit-constructor): a literal becomes one without being asked
  consteval HexText(const char (&given)[N]) {
    for (std::size_t i = 0; i < N; ++i) text[i] = given[i];
  }
};

constexpr int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

template <HexText Hex>
consteval std::size_t count_digits() {
  std::size_t digits = 0;
  for (const char c : Hex.text)
    if (digit_of(c) >= 0) ++digits;
  return digits;
}
}  // namespace detail

inline namespace literals {

/// Bytes written as hexadecimal digits: "45 00 00 28"_packet. Anything but digits and spaces, and
/// an odd number of digits, does not compile.
template <detail::HexText Hex>
consteval auto operator""_packet() {
  constexpr std::size_t digits = detail::count_digits<Hex>();
  static_assert(digits % 2 == 0, "a digit is missing");
  std::array<std::uint8_t, digits / 2> bytes{};
  std::size_t at = 0;
  for (const char c : Hex.text) {
    if (c == ' ' || c == '\0') continue;
    if (detail::digit_of(c) < 0) throw "not a hexadecimal digit";
    bytes[at / 2] = static_cast<std::uint8_t>(bytes[at / 2] << 4 | detail::digit_of(c));
    ++at;
  }
  return bytes;
}

}  // namespace literals

}  // namespace lvs::test
