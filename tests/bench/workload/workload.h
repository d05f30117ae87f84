#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "director/core/engine.h"
#include "tests/bench/workload/flow_frames.h"
#include "tests/bench/workload/scene.h"

namespace lvs::bench {

/// An engine in a scene and the packets that it gets, a batch at a time as the pump gives them.
/// prepare() is not part of what is measured: process() rewrites the frames where they lie, so each
/// batch is written anew.
class Workload {
 public:
  static constexpr std::size_t kBatch = 64;

  explicit Workload(const Scene& scene);

  /// Writes the next batch; ends flows whose time is over.
  void prepare();
  /// Gives the batch to the engine.
  void process();
  /// prepare(), then process() by the clock: nanoseconds a packet.
  double run_batch();

  /// Stops the program when a packet met another end than the scene means: then the figures would
  /// be of something else.
  void check();

  director::Engine& engine() { return engine_; }
  Tick now() const { return now_; }
  /// Ends or looks at what is due, `length` later.
  void pass(Ticks length) { now_ = now_ + length; }

 private:
  /// Room in front for outer headers, as a carrier gives it.
  static constexpr std::size_t kFrameRoom = 256;
  using Memory = std::array<std::uint8_t, kFrameRoom>;

  void add_services();
  void add_servers(const director::ServiceKey& service);
  void open_flows();
  void add_ways_back();
  std::uint32_t service_of(std::uint32_t flow) const;
  FlowFrames::Ends ends_of(std::uint32_t flow) const;
  void judge();
  void write(std::size_t at, std::uint32_t flow, std::uint8_t tcp_flags);
  std::uint32_t next_flow();
  director::Action expected() const;

  Scene scene_;
  FlowFrames frames_;
  Tick now_{5000};
  director::Engine engine_;
  director::NextHopId to_servers_{};
  std::vector<Memory> memory_;
  std::array<director::Frame, kBatch> batch_{};
  std::array<director::Verdict, kBatch> verdicts_{};
  std::array<std::uint8_t, director::Engine::kAnswerBytes> scratch_{};
  std::uint64_t random_ = 88172645463325252u;  // Marsaglia's xorshift64
  std::uint32_t opened_ = 0;
  std::uint64_t misjudged_ = 0;
  bool has_verdicts_ = false;
};

}  // namespace lvs::bench
