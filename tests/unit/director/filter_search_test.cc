#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "director/io/filter/run.h"
#include "director/io/filter/search.h"
#include "net/wire/addr_text.h"
#include "net/wire/bytes.h"
#include "tests/support/draw.h"

namespace lvs::director {
namespace {

constexpr std::uint32_t kAddressAt = 6;

std::vector<std::uint8_t> frame_with(const IpAddr& address) {
  std::vector<std::uint8_t> frame(32);
  const std::span at = std::span(frame).subspan(kAddressAt);
  if (address.is_v4()) {
    wire::store_be32(at, 0, address.v4().number());
  } else {
    std::ranges::copy(address.v6().octets(), at.begin());
  }
  return frame;
}

/// Says which number each address has; 0: none of them.
class Program {
 public:
  explicit Program(const std::map<IpAddr, std::uint32_t>& numbers) {
    FilterAssembler out;
    const FilterLabel miss = out.make_label();
    std::map<std::uint32_t, FilterLabel> labels;
    std::vector<AddressTarget> targets;
    for (const auto& [address, number] : numbers) {
      if (!labels.contains(number)) labels[number] = out.make_label();
      targets.push_back({address, labels[number]});
    }
    std::ranges::reverse(targets);  // in whatever order
    search_address(out, {kAddressAt}, targets, miss);
    out.put(miss);
    out.add(BPF_RET | BPF_K, 0);
    for (const auto& [number, label] : labels) {
      out.put(label);
      out.add(BPF_RET | BPF_K, number);
    }
    code_ = out.assemble();
  }
  std::uint32_t number_of(const IpAddr& address) const {
    const std::vector<std::uint8_t> frame = frame_with(address);
    return run_filter(code_, {.bytes = frame});
  }
  std::size_t size() const { return code_.size(); }

 private:
  std::vector<sock_filter> code_;
};

IpAddr v4(std::uint32_t number) { return IpAddr{Ipv4Addr(number)}; }
IpAddr v6(std::uint64_t high, std::uint64_t low) {
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < 8; ++i) {
    octets[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
    octets[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
  }
  return IpAddr{Ipv6Addr(octets)};
}

void expect_all_found(const std::map<IpAddr, std::uint32_t>& numbers) {
  const Program program(numbers);
  for (const auto& [address, number] : numbers)
    ASSERT_EQ(program.number_of(address), number) << to_string(address);
}

TEST(FilterSearch, FindsNothingAmongNone) { EXPECT_EQ(Program({}).number_of(v4(1)), 0u); }

TEST(FilterSearch, FindsEachOfThousandsAndNothingBeside) {
  test::Draw random(20261130);
  std::map<IpAddr, std::uint32_t> numbers;
  while (numbers.size() < 2000) numbers[v4(random.below(0xffffffff) * 2)] = 1 + random.below(3);
  const Program program(numbers);
  for (const auto& [address, number] : numbers) {
    ASSERT_EQ(program.number_of(address), number);
    ASSERT_EQ(program.number_of(v4(address.v4().number() + 1)), 0u);
    ASSERT_EQ(program.number_of(v4(address.v4().number() - 1)), 0u);
  }
}

TEST(FilterSearch, TheEndsOfTheAddressSpaceAreAddressesToo) {
  expect_all_found({{v4(0), 1}, {v4(0xffffffff), 2}});
  const std::uint64_t ones = 0xffffffffffffffff;
  expect_all_found({{v6(0, 0), 1}, {v6(ones, ones), 2}, {v6(ones, 0), 3}, {v6(0, ones), 4}});
}

TEST(FilterSearch, NeighboursThatLeadToOnePlaceAreOneRange) {
  std::map<IpAddr, std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < 4096; ++i) numbers[v4(0x0a600000 + i)] = 7;
  const Program program(numbers);
  EXPECT_LT(program.size(), 12u);
  EXPECT_EQ(program.number_of(v4(0x0a600000 - 1)), 0u);
  EXPECT_EQ(program.number_of(v4(0x0a600000)), 7u);
  EXPECT_EQ(program.number_of(v4(0x0a600fff)), 7u);
  EXPECT_EQ(program.number_of(v4(0x0a601000)), 0u);
}

TEST(FilterSearch, TakesNoMoreThanOneAndAHalfInstructionsAnAddress) {
  std::map<IpAddr, std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < 2000; ++i) numbers[v4(0x0a000000 + 3 * i)] = 1;
  EXPECT_LT(Program(numbers).size(), 3000u);
}

TEST(FilterSearch, AllWordsOfAnIpv6AddressCount) {
  test::Draw random(6);
  std::map<IpAddr, std::uint32_t> numbers;
  const auto word = [&] { return std::uint64_t{random.below(5)} << 32 | random.below(5); };
  while (numbers.size() < 200) numbers[v6(word(), word())] = 1 + random.below(9);
  const Program program(numbers);
  for (int i = 0; i < 5000; ++i) {
    const IpAddr address = v6(word(), word());
    const auto found = numbers.find(address);
    ASSERT_EQ(program.number_of(address), found == numbers.end() ? 0 : found->second)
        << to_string(address);
  }
}

}  // namespace
}  // namespace lvs::director
