#include <algorithm>
#include <array>

#include "director/simulate/scenario.h"
#include "net/wire/transport.h"

namespace lvs::director::simulate {
namespace {

using namespace wire::tcp_flag;

constexpr std::array<std::pair<char, std::uint8_t>, 6> kFlagLetters{
    {{'F', kFin}, {'S', kSyn}, {'R', kRst}, {'P', kPsh}, {'A', kAck}, {'U', kUrg}}};

Result<std::uint8_t> parse_flags(std::string_view letters) {
  std::uint8_t flags = 0;
  for (const char letter : letters) {
    const auto found =
        std::ranges::find(kFlagLetters, letter, &std::pair<char, std::uint8_t>::first);
    if (found == kFlagLetters.end())
      return fail("TCP flags \"" + std::string{letters} + "\": they are letters of FSRPAU");
    flags = static_cast<std::uint8_t>(flags | found->second);
  }
  return flags;
}

/// "S+A+R": packets one after the other; "" is one without flags.
Result<std::vector<std::uint8_t>> parse_packets(std::string_view text) {
  std::vector<std::uint8_t> packets;
  while (true) {
    const std::size_t plus = text.find('+');
    LVS_TRY(const std::uint8_t flags, parse_flags(text.substr(0, plus)));
    packets.push_back(flags);
    if (plus == std::string_view::npos) return packets;
    text.remove_prefix(plus + 1);
  }
}

}  // namespace

Result<std::vector<std::uint8_t>> packets_of(std::string_view action) {
  constexpr std::string_view kPackets = "pkt:";
  if (action == "syn") return std::vector<std::uint8_t>{kSyn};
  if (action == "est") return std::vector<std::uint8_t>{kSyn, kAck};
  if (action == "fin") return std::vector<std::uint8_t>{kSyn, kAck, kFin | kAck};
  if (action == "udp") return std::vector<std::uint8_t>{0};
  if (action.starts_with("close:")) return std::vector<std::uint8_t>{kFin | kAck};
  if (action.starts_with(kPackets)) return parse_packets(action.substr(kPackets.size()));
  return fail("action \"" + std::string{action} +
              "\": it is syn, est, fin, udp, close:I, pkt:FLAGS or wait:SECONDS");
}

std::string flag_text(std::uint8_t flags) {
  std::string text;
  for (const auto& [letter, flag] : kFlagLetters)
    if ((flags & flag) != 0) text += letter;
  return text;
}

}  // namespace lvs::director::simulate
