#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "director/core/engine.h"
#include "net/base/result.h"

// What a simulation is to play: plain values, in the forms of recordings of real IPVS.

namespace lvs::director::simulate {

/// Packets of one client that follow each other at once: TCP flags of each (nothing of datagrams).
struct Packets {
  ClientFlow flow{};
  std::vector<std::uint8_t> flags;
};
struct Pause {
  std::uint32_t seconds = 0;
};
using Step = std::variant<Packets, Pause>;

/// A command that runs before a step.
struct Event {
  std::size_t before = 0;
  std::string command;
};

struct Scenario {
  std::vector<std::string> commands;
  std::vector<Event> events;
  std::vector<std::pair<std::string, std::int64_t>> sysctls;  ///< of net.ipv4.vs
  std::vector<Step> steps;
};

/// A pause is at most this long.
inline constexpr std::uint32_t kLongestPause_s = 2678400;

/// The packets of "syn", "est", "fin", "udp", "close:…" or "pkt:FLAGS+FLAGS".
Result<std::vector<std::uint8_t>> packets_of(std::string_view action);
/// "SA", in the order of the letters "FSRPAU".
std::string flag_text(std::uint8_t flags);

}  // namespace lvs::director::simulate
