#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "director/core/scheduler/table.h"
#include "director/io/pump.h"
#include "tests/support/memory_carrier.h"
#include "tests/support/storm/ledger.h"
#include "tests/support/storm/sink.h"

namespace lvs::test {

/// As the kernel would hand the frame over.
inline linux_net::VirtioHeader header_of(const StormFrame& frame) {
  constexpr std::uint8_t tcp4 = 1, tcp6 = 4, udp = 5;
  linux_net::VirtioHeader header;
  if (frame.card.unfinished) header.flags = linux_net::VirtioHeader::kNeedsChecksum;
  header.checksum_start = frame.card.checksum_start;
  header.checksum_offset = frame.card.checksum_offset;
  header.segment_size = frame.offload.segment_size;
  const bool is_v4 = frame.bytes.size() > 12 && frame.bytes[12] == 8;
  if (header.segment_size != 0)
    header.gso_type = frame.card.checksum_offset == 6 ? udp : is_v4 ? tcp4 : tcp6;
  return header;
}

/// A director without a kernel in a storm: frames of every kind, whole and broken, through pump and
/// engine, while servers come and go, neighbours are found and lost, routes are answered late and
/// links refuse. After each batch every frame is accounted for; what left is judged by a receiver
/// that knows nothing of us.
class Storm {
 public:
  static constexpr std::uint32_t kConnections = 200;

  /// `seed` is the engine's own; `choices` outlives the storm.
  Storm(Choices& choices, std::uint32_t seed)
      : choices_(choices),
        engine_({.connections = kConnections, .new_flows_per_second = 60, .answers_per_second = 50},
                {{seed, seed}}, director::kSchedulers, now_),
        cluster_(engine_, choices_),
        pump_(engine_, carrier_),
        frames_(cluster_, choices_),
        sink_(cluster_),
        remembered_(kRemembered) {}

  /// One batch and what happens around it; empty, or what is wrong.
  std::string blow() {
    disturb();
    for (std::uint32_t i = choices_.below(director::Pump::kBatch) + 1; i > 0; --i)
      arrive(frames_.next());
    while (pump_.run_batch(now_) > 0) {
    }
    return judge();
  }
  /// The storm is over and everything ends: at first by time alone, then the services too.
  std::string calm_down() {
    pump_.give_up_waiting();
    for (int minute = 0; minute < 60; ++minute) pass(seconds_to_ticks(60));
    std::string wrong = judge();
    if (wrong.empty()) wrong = judge_emptiness(engine_);
    if (!wrong.empty()) return wrong;
    cluster_.clear(engine_, now_);
    pass(seconds_to_ticks(130));
    return engine_.services().empty() ? judge() : "a service was not removed";
  }

  std::uint64_t arrived() const { return arrived_; }
  std::size_t whole_packets() const { return sink_.whole_packets(); }
  const director::VerdictCounters& counters() const { return engine_.counters(); }

 private:
  static constexpr std::size_t kHeader = sizeof(linux_net::VirtioHeader);
  static constexpr std::size_t kRemembered = 1 << 14;

  void disturb() {
    if (choices_.one_in(16)) cluster_.change(engine_, choices_, now_);
    if (choices_.one_in(16)) change_a_hop();
    if (choices_.one_in(8)) carrier_.refuses = LinkIndex{2 + choices_.below(4)};
    if (choices_.one_in(64)) pump_.forget_routes();
    for (const IpAddr& client : pump_.take_wanted_routes()) wanted_.push_back(client);
    if (choices_.one_in(2)) answer_routes();
    if (choices_.one_in(2)) pass(Ticks{choices_.below(choices_.one_in(16) ? 20000 : 40)});
  }
  void change_a_hop() {
    const std::uint32_t number = choices_.below(4);
    const bool is_way = choices_.one_in(2);
    pump_.set_next_hop(is_way ? cluster_.ways[number] : cluster_.hops[number],
                       StormCluster::next_hop(choices_, is_way ? 100 + number : number));
  }
  void answer_routes() {
    std::vector<director::RouteAnswer> answers;
    for (const IpAddr& client : wanted_)
      answers.push_back(
          {client, choices_.one_in(8) ? std::nullopt : std::optional(choices_.of(cluster_.ways))});
    wanted_.clear();
    pump_.set_routes(answers);
  }
  void pass(Ticks length) {
    now_ = now_ + length;
    pump_.expire(now_);
    while (engine_.expire(now_, 64)) {
    }
  }
  void arrive(StormFrame frame) {
    ++arrived_;
    const linux_net::VirtioHeader header = header_of(frame);
    director::MemoryCarrier::Arriving one;
    one.with_header.resize(kHeader);
    std::memcpy(one.with_header.data(), &header, kHeader);
    one.with_header.insert(one.with_header.end(), frame.bytes.begin(), frame.bytes.end());
    one.frame.ingress = frame.ingress;
    one.frame.addressed_to_us = frame.addressed_to_us;
    one.frame.mark = frame.mark;
    one.truncated = choices_.one_in(200);
    carrier_.arriving.push_back(std::move(one));
    remembered_[arrived_ % kRemembered] = std::move(frame.bytes);
  }

  std::string judge() {
    for (const director::MemoryCarrier::Sent& sent : carrier_.sent) {
      std::string wrong =
          sent.link == director::kLoopback ? judge_given_back(sent) : judge_sent(sent);
      if (!wrong.empty()) return wrong;
    }
    carrier_.sent.clear();
    if (engine_.counters().received + pump_.waiting() != arrived_)
      return "received " + std::to_string(engine_.counters().received) + ", waiting " +
             std::to_string(pump_.waiting()) + ", but " + std::to_string(arrived_) + " arrived";
    while (engine_.expire(now_, 64)) {
    }
    return judge_ledger(engine_, kConnections, now_);
  }
  std::string judge_sent(const director::MemoryCarrier::Sent& sent) {
    linux_net::VirtioHeader header;
    std::memcpy(&header, sent.with_header.data(), kHeader);
    return sink_.take(std::span(sent.with_header).subspan(kHeader),
                      {(header.flags & linux_net::VirtioHeader::kNeedsChecksum) != 0,
                       header.checksum_start, header.checksum_offset});
  }
  /// It is the frame that came but for whom it is addressed to.
  std::string judge_given_back(const director::MemoryCarrier::Sent& sent) {
    const std::span frame = std::span(sent.with_header).subspan(kHeader);
    const std::uint32_t number = StormFrames::number_of(frame.data() + 6);
    const std::vector<std::uint8_t>& before = remembered_[number % kRemembered];
    const bool is_same = frame.size() == before.size() &&
                         std::equal(frame.begin() + 6, frame.end(), before.begin() + 6);
    return is_same ? "" : "a frame was given back otherwise than it came";
  }

  Tick now_{0xffffff00};  // the clock wraps soon
  Choices& choices_;
  director::Engine engine_;
  StormCluster cluster_;
  director::MemoryCarrier carrier_;
  director::Pump pump_;
  StormFrames frames_;
  StormSink sink_;
  std::vector<std::vector<std::uint8_t>> remembered_;  // by number
  std::vector<IpAddr> wanted_;
  std::uint64_t arrived_ = 0;
};

}  // namespace lvs::test
