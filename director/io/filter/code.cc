#include "director/io/filter/code.h"

#include <linux/if_packet.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace lvs::director {
namespace {

constexpr std::uint32_t kWholeFrame = 0xffffffff;
constexpr std::uint32_t kIp = 14;  // behind Ethernet's header
constexpr std::uint32_t kIpv4Protocol = 23, kIpv6NextHeader = 20, kBehindIpv6 = 54;
constexpr int kMostExtensions = 8;

sock_filter statement(unsigned code, std::uint32_t value) {
  return {static_cast<std::uint16_t>(code), 0, 0, value};
}

/// `body` only where the comparison of the accumulator holds. A conditional jump reaches 255
/// instructions, BPF_JA any number.
FilterCode when(unsigned comparison, std::uint32_t value, const FilterCode& body) {
  FilterCode code{{static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), 1, 0, value},
                  statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(body.size()))};
  return code += body;
}

FilterCode loaded(unsigned load, std::uint32_t offset, FilterCode code) {
  code.insert(code.begin(), statement(load, offset));
  return code;
}

/// An address as the words that a frame has it in.
struct Words {
  std::array<std::uint32_t, 4> words{};
  std::size_t count = 0;
};
Words words_of(const IpAddr& address) {
  Words result;
  if (address.is_v4()) {
    result.words[0] = address.v4().number();
    result.count = 1;
    return result;
  }
  result.count = 4;
  for (std::size_t i = 0; i < 16; ++i)
    result.words[i / 4] = result.words[i / 4] << 8 | address.v6().octets()[i];
  return result;
}

FilterCode when_words(unsigned load, std::uint32_t offset, const IpAddr& address,
                      const FilterCode& body) {
  const Words words = words_of(address);
  FilterCode code = body;
  for (std::size_t i = words.count; i-- > 0;)
    code = loaded(load, offset + static_cast<std::uint32_t>(4 * i),
                  when(BPF_JEQ, words.words[i], code));
  return code;
}

/// One extension header is stepped over: its length field counts units of 2^shift bytes, without
/// the first `free` ones.
FilterCode step_over(std::uint32_t free, std::uint32_t shift) {
  return {statement(BPF_LD | BPF_B | BPF_IND, 0),
          statement(BPF_ST, static_cast<std::uint32_t>(Slot::Protocol)),
          statement(BPF_LD | BPF_B | BPF_IND, 1),
          statement(BPF_ALU | BPF_ADD | BPF_K, free),
          statement(BPF_ALU | BPF_LSH | BPF_K, shift),
          statement(BPF_ALU | BPF_ADD | BPF_X, 0),
          statement(BPF_MISC | BPF_TAX, 0)};
}

/// Hop-by-hop options, routing and destination options count eights; an authentication header
/// (RFC 4302, 2.2) counts fours. Both are tried on what the header was, so that one is stepped over
/// a round.
FilterCode step_over_one() {
  const FilterCode eights = step_over(1, 3);
  const FilterCode fours = step_over(2, 2);
  const auto to = [](std::size_t distance) { return static_cast<std::uint8_t>(distance); };
  FilterCode code{
      statement(BPF_LD | BPF_MEM, static_cast<std::uint32_t>(Slot::Protocol)),
      {BPF_JMP | BPF_JEQ | BPF_K, 4, 0, 0},
      {BPF_JMP | BPF_JEQ | BPF_K, 3, 0, 43},
      {BPF_JMP | BPF_JEQ | BPF_K, 2, 0, 60},
      {BPF_JMP | BPF_JEQ | BPF_K, to(eights.size() + 2), 0, 51},
      statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(eights.size() + 1 + fours.size()))};
  code += eights;
  code.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(fours.size())));
  return code += fours;
}

}  // namespace

FilterCode& operator+=(FilterCode& code, const FilterCode& more) {
  code.insert(code.end(), more.begin(), more.end());
  return code;
}

FilterCode accept() { return {statement(BPF_RET | BPF_K, kWholeFrame)}; }
FilterCode reject() { return {statement(BPF_RET | BPF_K, 0)}; }

FilterCode store(Slot slot, std::uint32_t value) {
  return {statement(BPF_LD | BPF_IMM, value), statement(BPF_ST, static_cast<std::uint32_t>(slot))};
}

FilterCode when_byte(std::uint32_t offset, std::uint8_t value, const FilterCode& body) {
  return loaded(BPF_LD | BPF_B | BPF_ABS, offset, when(BPF_JEQ, value, body));
}
FilterCode when_half(std::uint32_t offset, std::uint16_t value, const FilterCode& body) {
  return loaded(BPF_LD | BPF_H | BPF_ABS, offset, when(BPF_JEQ, value, body));
}
FilterCode when_any_bit(std::uint32_t offset, std::uint16_t mask, const FilterCode& body) {
  return loaded(BPF_LD | BPF_H | BPF_ABS, offset, when(BPF_JSET, mask, body));
}

FilterCode when_address(std::uint32_t offset, const IpAddr& address, const FilterCode& body) {
  return when_words(BPF_LD | BPF_W | BPF_ABS, offset, address, body);
}
FilterCode when_address_behind_x(std::uint32_t offset, const IpAddr& address,
                                 const FilterCode& body) {
  return when_words(BPF_LD | BPF_W | BPF_IND, offset, address, body);
}

FilterCode when_in(std::uint32_t offset, const Prefix& network, const FilterCode& body) {
  const Words words = words_of(network.network().addr);
  FilterCode code = body;
  for (std::size_t i = words.count; i-- > 0;) {
    const std::size_t before = 32 * i;
    if (network.length <= before) continue;  // these bits are free
    const std::size_t bits = std::min<std::size_t>(network.length - before, 32);
    FilterCode test = when(BPF_JEQ, words.words[i], code);
    if (bits < 32)
      test.insert(test.begin(), statement(BPF_ALU | BPF_AND | BPF_K,
                                          ~(0xffffffffu >> static_cast<unsigned>(bits))));
    code = loaded(BPF_LD | BPF_W | BPF_ABS, offset + static_cast<std::uint32_t>(4 * i),
                  std::move(test));
  }
  return code;
}

FilterCode when_slot(Slot slot, std::uint32_t value, const FilterCode& body) {
  return loaded(BPF_LD | BPF_MEM, static_cast<std::uint32_t>(slot), when(BPF_JEQ, value, body));
}

FilterCode when_sent_to_us(const FilterCode& body) {
  return loaded(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE),
                when(BPF_JEQ, PACKET_HOST, body));
}

FilterCode when_port(std::uint32_t offset, std::span<const PortSpan> spans,
                     const FilterCode& body) {
  if (spans.empty()) return {};
  const bool is_any = spans.front().first == 0 && spans.front().last == 0xffff;
  if (is_any) return loaded(BPF_LD | BPF_H | BPF_IND, offset, body);
  // Each span goes to the body, or on to the next; the last one goes behind the body.
  constexpr std::size_t each = 3;
  FilterCode code{statement(BPF_LD | BPF_H | BPF_IND, offset)};
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const auto to_body = static_cast<std::uint32_t>((spans.size() - i - 1) * each + 1);
    code.push_back({BPF_JMP | BPF_JGE | BPF_K, 0, 2, spans[i].first});
    code.push_back({BPF_JMP | BPF_JGT | BPF_K, 1, 0, spans[i].last});
    code.push_back(statement(BPF_JMP | BPF_JA, to_body));
  }
  code.push_back(statement(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(body.size())));
  return code += body;
}

FilterCode find_transport(Family family) {
  const auto slot = static_cast<std::uint32_t>(Slot::Protocol);
  if (family == Family::Ipv4)
    return {statement(BPF_LD | BPF_B | BPF_ABS, kIpv4Protocol), statement(BPF_ST, slot),
            statement(BPF_LDX | BPF_B | BPF_MSH, kIp),          statement(BPF_MISC | BPF_TXA, 0),
            statement(BPF_ALU | BPF_ADD | BPF_K, kIp),          statement(BPF_MISC | BPF_TAX, 0)};
  FilterCode code{statement(BPF_LD | BPF_B | BPF_ABS, kIpv6NextHeader), statement(BPF_ST, slot),
                  statement(BPF_LDX | BPF_W | BPF_IMM, kBehindIpv6)};
  for (int i = 0; i < kMostExtensions; ++i) code += step_over_one();
  return code;
}

}  // namespace lvs::director
