#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "net/wire/bytes.h"
#include "tests/support/storm/cluster.h"
#include "tests/support/storm/frames.h"

namespace lvs::test {

/// Who receives what a director sent: a card without offloads that checks every sum by the
/// reference, takes packets out of tunnels, and puts fragments together first.
class StormSink {
 public:
  explicit StormSink(const StormCluster& cluster);

  /// Empty, or what is wrong with a frame (from its Ethernet header on) that left. Of broken
  /// packets only the IPv4 header is judged.
  std::string take(wire::ConstBytes frame, const StormCard& card);
  /// Packets whose every sum was checked.
  std::size_t whole_packets() const { return whole_packets_; }

 private:
  using Bytes = std::vector<std::uint8_t>;
  /// Addresses, id and protocol of fragments, as bytes.
  using Datagram = Bytes;

  std::string judge(Bytes packet, const StormCard& card, std::size_t ethernet_header);
  std::string judge_fragment(const Bytes& packet);
  std::string judge_tunnel(const Bytes& packet);
  bool is_tunnel(const Bytes& packet) const;

  std::set<Bytes> tunnel_ends_;
  std::map<Datagram, std::map<std::size_t, Bytes>> fragments_;  // by offset
  std::size_t whole_packets_ = 0;
};

/// True for a packet that the storm broke.
bool is_broken(const std::vector<std::uint8_t>& packet);

}  // namespace lvs::test
