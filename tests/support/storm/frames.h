#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "director/core/frame.h"
#include "tests/support/storm/cluster.h"

namespace lvs::test {

/// What the sender's stack left to the card, as far as a frame's offload header says more than
/// director::Offload.
struct StormCard {
  bool unfinished = false;
  std::uint16_t checksum_start = 0;  ///< from the Ethernet header on
  std::uint16_t checksum_offset = 0;
};

/// A frame for the engine.
struct StormFrame {
  std::vector<std::uint8_t> bytes;
  director::Offload offload{};
  StormCard card{};
  LinkIndex ingress{2};
  bool addressed_to_us = true;
  std::uint32_t mark = 0;
};

/// Frames of a cluster's clients, servers and routers: requests, replies, fragments in any order,
/// ICMP errors of all kinds, also about outer packets, super-frames, what is not IP, and all of
/// these with broken bytes.
///
/// What is broken says so: the highest bit of the IPv4 id, or of the IPv6 flow label, is set, and
/// nothing breaks that. The Ethernet source is another in each frame (number_of()), and is not
/// broken either.
class StormFrames {
 public:
  StormFrames(const StormCluster& cluster, Choices& choices)
      : cluster_(cluster), choices_(choices) {}
  StormFrame next();

  static std::uint32_t number_of(const std::uint8_t* mac);

 private:
  using Bytes = std::vector<std::uint8_t>;

  template <typename Addr>
  Bytes packet();
  template <typename Addr>
  Bytes request(const director::ServiceConfig& service);
  template <typename Addr>
  Bytes reply(const StormCluster::Server& server);
  template <typename Addr>
  Bytes error();
  template <typename Addr>
  Bytes outer_packet();
  template <typename Addr>
  Bytes error_about(const Bytes& quoted);
  template <typename Spec>
  void vary(Spec& spec);
  template <typename Addr>
  Bytes make(Addr source, Addr destination, Port from, Port to, Protocol protocol);
  template <typename Addr>
  void send(Bytes packet);
  template <typename Addr>
  void send_fragments(const Bytes& packet);
  void leave_to_card(StormFrame& frame);
  StormFrame in_frame(const Bytes& packet);
  StormFrame other_frame();
  void break_bytes(StormFrame& frame);
  void number(StormFrame& frame);

  const StormCluster& cluster_;
  Choices& choices_;
  std::deque<StormFrame> pending_;
  std::uint32_t frames_ = 0;
  std::uint32_t packets_ = 0;
  bool broken_ = false;  ///< what is being made will be broken
};

}  // namespace lvs::test
