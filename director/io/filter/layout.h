#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "director/io/filter/assembler.h"
#include "director/io/filter/code.h"
#include "net/wire/addr.h"

// What the exact and the rough program have in common: where things are in a frame, and the frame
// of the program itself.

namespace lvs::director {

/// Offsets of a family: the kernel gives packet sockets of type SOCK_RAW the frame from the
/// Ethernet header on.
struct FilterLayout {
  Family family = Family::Ipv4;
  std::uint32_t source = 0;
  std::uint32_t destination = 0;
  std::uint8_t icmp = 0;
  /// Of what an ICMP error quotes, from the ICMP header on.
  std::uint32_t quoted_destination = 0;
  /// Types and codes, which are where other protocols have a port: of the errors that IPVS follows,
  std::array<PortSpan, 2> errors{};
  /// and of all between them, which is what withholding can say.
  std::array<PortSpan, 1> withheld_errors{};
};

inline constexpr std::uint32_t kSourcePort = 0, kDestinationPort = 2;  // of the transport header

/// What Slot::Protocol holds for a fragment of whatever protocol.
inline constexpr std::uint32_t kFragment = 256;

/// X becomes the offset of what is behind the IP header, Slot::Protocol what that is.
void find_packet(FilterAssembler& out, const FilterLayout& layout);

using WriteFamily = std::function<void(FilterAssembler& out, const FilterLayout& layout,
                                       FilterLabel accept, FilterLabel reject)>;
/// A program that refuses frames with a VLAN tag, which belong to another link, and all that is not
/// IP, and goes on with what `write` writes for the family.
std::vector<sock_filter> filter_of_families(const WriteFamily& write);

}  // namespace lvs::director
